package io.gpuagent.agent.report;

import java.io.IOException;

/** Data cannot be read from the server. The message is one line that names the server and the reason. */
final class ServerException extends IOException {

    private static final long serialVersionUID = 1L;

    /** How the request may succeed. */
    enum Remedy {
        NONE,
        /** Retrying. */
        LATER,
        /** Requesting less data at once: the server limits samples and time per query. */
        LESS
    }

    final Remedy remedy;

    ServerException(String message, Remedy remedy) {
        super(message);
        this.remedy = remedy;
    }
}
