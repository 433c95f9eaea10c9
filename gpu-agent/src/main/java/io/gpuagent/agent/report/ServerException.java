package io.gpuagent.agent.report;

import java.io.IOException;

/** Thrown if data cannot be read from the server. The message is one line that names the server and the reason. */
final class ServerException extends IOException {

    private static final long serialVersionUID = 1L;

    /** What the client can do so that the request succeeds. */
    enum Remedy {
        NONE,
        /** Retry the request. */
        LATER,
        /** Request less data at once: the server limits the samples and the time of a query. */
        LESS
    }

    final Remedy remedy;

    ServerException(String message, Remedy remedy) {
        super(message);
        this.remedy = remedy;
    }
}
