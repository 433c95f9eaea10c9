package io.gpuagent.agent.cli;

/** An invalid setting. The message is one line that names the flag, the variable or the line of the file. */
final class UsageException extends Exception {

    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
