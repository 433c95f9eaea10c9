package io.gpuagent.agent.containers;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.github.dockerjava.api.exception.BadRequestException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.UnauthorizedException;
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
        return new LookupFailedException(outcome(cause), !isOfOneContainer(cause), endpoint + ": " + why(cause), cause);
    }

    /** Whether the daemon answered, but could not tell of this container: others may fare better. */
    static boolean isOfOneContainer(Throwable cause) {
        return cause instanceof DockerException answer && answer.getHttpStatus() >= 500;
    }

    /** Whether the daemon was replaced under the connection, or dropped it. */
    static boolean isOfConnection(Throwable cause) {
        return cause instanceof BadRequestException || Throwables.getRootCause(cause) instanceof IOException;
    }

    private static boolean isTimeout(Throwable cause) {
        return cause instanceof TimeoutException || Throwables.getRootCause(cause) instanceof SocketTimeoutException;
    }

    private static LookupOutcome outcome(Throwable cause) {
        if (isTimeout(cause)) {
            return LookupOutcome.TIMEOUT;
        }
        return cause instanceof RejectedExecutionException ? LookupOutcome.REJECTED : LookupOutcome.ERROR;
    }

    private static String why(Throwable cause) {
        if (isTimeout(cause)) {
            return "does not answer in time";
        }
        if (cause instanceof RejectedExecutionException) {
            return "earlier calls still hang";
        }
        if (cause instanceof DockerException answer) {
            return answered(answer);
        }
        Throwable root = Throwables.getRootCause(cause);
        if (root instanceof GeneralSecurityException || root instanceof SSLException) {
            return "TLS failed (" + firstLine(root) + "): check DOCKER_CERT_PATH and DOCKER_TLS_VERIFY";
        }
        return root instanceof IOException && !(root instanceof JsonProcessingException)
                ? edge(root)
                : "answers what is not Docker's API: " + firstLine(root);
    }

    private static String answered(DockerException answer) {
        String said = answer.getHttpStatus() + " " + firstLine(answer);
        if (answer instanceof BadRequestException) {
            return "refuses the request (" + said + "): is DOCKER_API_VERSION set to a version it does not speak?";
        }
        if (answer instanceof UnauthorizedException || answer.getHttpStatus() == 403) {
            return "forbids the request (" + said
                    + "): a socket proxy must allow GET of containers, events and version";
        }
        return "fails: " + said;
    }

    private static String edge(Throwable root) {
        String message = firstLine(root);
        if (message.contains("Permission denied")) {
            return "permission denied: run as root, or as a member of the group that owns the socket";
        }
        if (message.contains("No such file")) {
            return "no such socket: is the daemon running, and is its socket mounted here?";
        }
        if (message.contains("refused")) {
            return "connection refused: is the daemon running?";
        }
        return root.getClass().getSimpleName() + ": " + message;
    }

    private static String firstLine(Throwable thrown) {
        String message = thrown.getMessage() == null ? thrown.getClass().getSimpleName() : thrown.getMessage();
        String line = message.strip().lines().findFirst().orElse("");
        return line.length() <= 200 ? line : line.substring(0, 200);
    }
}
