package io.gpuagent.agent.cli;

/** What was asked for cannot be done. The message is one line that names the flag, variable or file line at fault. */
final class UsageException extends Exception {

    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
