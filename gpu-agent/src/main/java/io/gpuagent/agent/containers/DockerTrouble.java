package io.gpuagent.agent.containers;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.github.dockerjava.api.exception.DockerException;
import com.google.common.base.Throwables;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** What went wrong between us and a Docker daemon, in words that tell how to mend it. */
final class DockerTrouble {

    private DockerTrouble() {}

    static LookupFailedException of(String endpoint, Throwable thrown) {
        Throwable cause =
                thrown instanceof ExecutionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        // a daemon that answers so has trouble with this container: others may fare better
        boolean ofContainer = cause instanceof DockerException answer && answer.getHttpStatus() >= 500;
        return new LookupFailedException(outcome(cause), !ofContainer, endpoint + ": " + why(cause), cause);
    }

    private static LookupOutcome outcome(Throwable cause) {
        if (isTimeout(cause)) {
            return LookupOutcome.TIMEOUT;
        }
        return cause instanceof RejectedExecutionException ? LookupOutcome.REJECTED : LookupOutcome.ERROR;
    }

    private static boolean isTimeout(Throwable cause) {
        return cause instanceof TimeoutException || Throwables.getRootCause(cause) instanceof SocketTimeoutException;
    }

    private static String why(Throwable cause) {
        if (isTimeout(cause)) {
            return "does not answer in time";
        }
        if (cause instanceof RejectedExecutionException) {
            return "earlier calls still hang";
        }
        if (cause instanceof DockerException answer) {
            return answered(answer.getHttpStatus(), firstLine(answer));
        }
        Throwable root = Throwables.getRootCause(cause);
        if (root instanceof GeneralSecurityException || root instanceof SSLException) {
            return "TLS failed (" + firstLine(root) + "): check DOCKER_CERT_PATH and DOCKER_TLS_VERIFY";
        }
        boolean understood = root instanceof IOException && !(root instanceof JsonProcessingException);
        return understood ? unreachable(root) : "answers what is not Docker's API: " + firstLine(root);
    }

    private static String answered(int status, String message) {
        return "answers " + status + " " + message
                + switch (status) {
                    case 400 -> ": is DOCKER_API_VERSION set to a version it does not speak?";
                    case 401, 403 -> ": a socket proxy must allow GET of containers, events and version";
                    default -> "";
                };
    }

    private static String unreachable(Throwable root) {
        String message = firstLine(root);
        if (message.contains("Permission denied")) {
            return "permission denied: run as root, or as a member of the group that owns the socket";
        }
        return message.contains("refused")
                ? "connection refused: is the daemon running?"
                : root.getClass().getSimpleName() + ": " + message;
    }

    private static String firstLine(Throwable thrown) {
        String message = thrown.getMessage() == null ? thrown.getClass().getSimpleName() : thrown.getMessage();
        String line = message.strip().lines().findFirst().orElse("");
        return line.length() <= 200 ? line : line.substring(0, 200);
    }
}
