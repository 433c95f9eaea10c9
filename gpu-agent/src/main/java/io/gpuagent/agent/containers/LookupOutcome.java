package io.gpuagent.agent.containers;

import java.util.Locale;

/** The outcome of a lookup at one container source. */
public enum LookupOutcome {
    FOUND,
    NOT_FOUND,
    /** There is no socket or directory to query. */
    ABSENT,
    /** The source could not be reached, or its answer could not be parsed. */
    ERROR,
    /** The source did not answer before the deadline. */
    TIMEOUT,
    /** The source was not queried because earlier calls to it have not returned. */
    REJECTED;

    /** The value of the metric label {@code outcome}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
