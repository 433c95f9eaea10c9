package io.gpuagent.agent.report;

import java.io.IOException;

/** What the server should have told is not to be had. The message is one line that names the server and the reason. */
final class ServerException extends IOException {

    private static final long serialVersionUID = 1L;

    /** Whether less time at once may help: the server's limit of samples, or of time. */
    private final boolean tooMuch;

    ServerException(String message, boolean tooMuch) {
        super(message);
        this.tooMuch = tooMuch;
    }

    boolean isTooMuch() {
        return tooMuch;
    }
}
