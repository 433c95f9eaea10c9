package io.gpuagent.agent.containers;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Says in the log when a source can be reached and when it cannot any more: one line for each change. Any thread. */
final class Reachability {

    private static final System.Logger LOG = System.getLogger(Reachability.class.getName());

    private final String source;
    private @Nullable Boolean up;
    private @Nullable String limit;
    private boolean closed;

    Reachability(String source) {
        this.source = source;
    }

    synchronized void up(String description) {
        if (!Boolean.TRUE.equals(up)) {
            LOG.log(System.Logger.Level.INFO, "{0}: container names from {1}", source, description);
        }
        up = true;
    }

    synchronized void down(String reason) {
        if (!closed && !Boolean.FALSE.equals(up)) {
            LOG.log(System.Logger.Level.WARNING, "{0}: no container names: {1}", source, reason);
        }
        up = false;
    }

    /** Says a trouble that leaves the source reachable, once for as long as it stays the same. */
    synchronized void limited(String trouble) {
        if (!Objects.equals(trouble, limit)) {
            LOG.log(System.Logger.Level.WARNING, "{0}: {1}", source, trouble);
        }
        limit = trouble;
    }

    /** From now on nothing that fails is worth a line. */
    synchronized void close() {
        closed = true;
    }
}
