package io.gpuagent.agent.cli.ps;

/** While it is armed, the process ends with status 0 on SIGINT: to interrupt a watch is how it is meant to end. */
final class CleanInterrupt {

    private final Thread hook = new Thread(() -> Runtime.getRuntime().halt(PsCommand.DONE), "clean-interrupt");

    private CleanInterrupt() {}

    static CleanInterrupt arm() {
        CleanInterrupt armed = new CleanInterrupt();
        Runtime.getRuntime().addShutdownHook(armed.hook);
        return armed;
    }

    void disarm() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already, and the hook sees to it.
        }
    }
}
