package io.gpuagent.agent.containers;

import org.jspecify.annotations.Nullable;

/** A container source could not tell. The message says why, and how to mend it where that is known. */
public final class LookupFailedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final LookupOutcome outcome;
    private final boolean ofWholeSource;

    /** @param ofWholeSource whether the next lookup, of any container, would fail likewise */
    public LookupFailedException(
            LookupOutcome outcome, boolean ofWholeSource, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.outcome = outcome;
        this.ofWholeSource = ofWholeSource;
    }

    /** How the lookup is counted. */
    public LookupOutcome outcome() {
        return outcome;
    }

    /** Whether the source as a whole is in trouble, so that it is left alone for a while. */
    public boolean ofWholeSource() {
        return ofWholeSource;
    }
}
