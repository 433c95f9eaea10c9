package io.gpuagent.agent.containers;

import java.util.Locale;

/** How a lookup of a container at one source ended. */
public enum LookupOutcome {
    FOUND,
    NOT_FOUND,
    /** There is nothing to ask: no socket, no directory. */
    ABSENT,
    /** The source could not be reached, or its answer could not be understood. */
    ERROR,
    /** The source did not answer in time. */
    TIMEOUT,
    /** The source was not asked: earlier calls to it still hang. */
    REJECTED;

    /** The outcome as the label {@code outcome} has it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
