package io.gpuagent.platform;

import java.util.concurrent.ThreadFactory;

/** Creates daemon threads, which do not keep the JVM from exiting. */
public final class DaemonThreads {

    /** The stack size that makes {@link Thread#Thread(ThreadGroup, Runnable, String, long)} use the JVM's default. */
    private static final long DEFAULT_STACK = 0;

    private DaemonThreads() {}

    /** Returns a factory for threads that all have this name. */
    public static ThreadFactory named(String name) {
        return task -> of(name, task);
    }

    /** Creates a thread without starting it. */
    public static Thread of(String name, Runnable task) {
        return of(name, DEFAULT_STACK, task);
    }

    /**
     * Creates a thread without starting it.
     *
     * @param stackBytes the size of its stack
     */
    public static Thread of(String name, long stackBytes, Runnable task) {
        Thread thread = new Thread(null, task, name, stackBytes);
        thread.setDaemon(true);
        return thread;
    }
}
