package io.gpuagent.agent.report;

import java.io.IOException;

/** What the server should have told is not to be had. The message is one line that names the server and the reason. */
final class ServerException extends IOException {

    private static final long serialVersionUID = 1L;

    /** What may help. */
    enum Remedy {
        NONE,
        /** Asking again. */
        LATER,
        /** Asking for less at once: the server has limits of samples and of time. */
        LESS
    }

    final Remedy remedy;

    ServerException(String message, Remedy remedy) {
        super(message);
        this.remedy = remedy;
    }
}
