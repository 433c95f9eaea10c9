package io.gpuagent.agent.containers;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.github.dockerjava.api.exception.DockerException;
import com.google.common.base.Throwables;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Converts a failed call to a Docker daemon into a {@link LookupFailedException} whose message says how to fix it. */
final class DockerFailure {

    private DockerFailure() {}

    static LookupFailedException of(String endpoint, Throwable thrown) {
        Throwable cause =
                thrown instanceof ExecutionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        Throwable root = Throwables.getRootCause(cause);
        if (root instanceof TimeoutException || root instanceof SocketTimeoutException) {
            return failure(LookupOutcome.TIMEOUT, true, endpoint, "timed out", cause);
        }
        if (root instanceof RejectedExecutionException) {
            return failure(LookupOutcome.REJECTED, true, endpoint, "earlier calls have not returned", cause);
        }
        if (cause instanceof DockerException answer) {
            // with 500 the daemon failed for this container; lookups of others may succeed
            int status = answer.getHttpStatus();
            return failure(LookupOutcome.ERROR, status < 500, endpoint, refusal(status, firstLine(answer)), cause);
        }
        // a refused TCP connection means that there is no daemon; a refusing socket was left behind by a daemon that is
        // down
        boolean absent = root instanceof ConnectException && endpoint.startsWith("tcp:");
        LookupOutcome outcome = absent ? LookupOutcome.ABSENT : LookupOutcome.ERROR;
        // the unparsable part may be this container's name; lookups of others may succeed
        boolean unreadable = root instanceof JsonProcessingException;
        return failure(outcome, !unreadable, endpoint, unreachable(root, firstLine(root)), cause);
    }

    private static LookupFailedException failure(
            LookupOutcome outcome, boolean affectsSource, String endpoint, String why, Throwable cause) {
        return new LookupFailedException(outcome, affectsSource, endpoint + ": " + why, cause);
    }

    private static String refusal(int status, String message) {
        return "answered " + message
                + switch (status) {
                    case 400 -> ": check DOCKER_API_VERSION, which may be unsupported";
                    case 401, 403 -> ": a socket proxy must allow GET of containers, events and version";
                    default -> "";
                };
    }

    private static String unreachable(Throwable root, String message) {
        if (root instanceof GeneralSecurityException || root instanceof SSLException) {
            return "TLS failed (" + message + "): check DOCKER_CERT_PATH and DOCKER_TLS_VERIFY";
        }
        if (root instanceof JsonProcessingException || !(root instanceof IOException)) {
            return "the answer is not from Docker's API: " + message;
        }
        if (message.contains("Permission denied")) {
            return "permission denied: run as root, or as a member of the group that owns the socket";
        }
        return message.contains("refused")
                ? "connection refused: check that the daemon is running"
                : root.getClass().getSimpleName() + ": " + message;
    }

    private static String firstLine(Throwable thrown) {
        return shortened(thrown.getMessage() == null ? thrown.getClass().getSimpleName() : thrown.getMessage());
    }

    /** The first line of a daemon's text, or of what of it fits into a message. */
    static String shortened(@Nullable String text) {
        String line = String.valueOf(text).strip().lines().findFirst().orElse("");
        return line.length() <= 200 ? line : line.substring(0, 200);
    }
}
