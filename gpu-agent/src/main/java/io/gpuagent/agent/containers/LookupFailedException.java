package io.gpuagent.agent.containers;

import org.jspecify.annotations.Nullable;

/** A failed lookup at a container source. The message says why and, if known, how to fix it. */
public final class LookupFailedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final LookupOutcome outcome;
    private final boolean affectsSource;

    /** @param affectsSource whether the next lookup of any container would fail as well */
    public LookupFailedException(
            LookupOutcome outcome, boolean affectsSource, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.outcome = outcome;
        this.affectsSource = affectsSource;
    }

    /** The outcome to count. */
    public LookupOutcome outcome() {
        return outcome;
    }

    /** Whether the failure affects the whole source, so that it is not queried for a while. */
    public boolean affectsSource() {
        return affectsSource;
    }
}
