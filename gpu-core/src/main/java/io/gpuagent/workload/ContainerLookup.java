package io.gpuagent.workload;

import java.util.Locale;

/** The result of a lookup in a {@link ContainerDirectory}. */
public sealed interface ContainerLookup {

    /** The container has a name. */
    record Known(ContainerDetails details) implements ContainerLookup {}

    /** The container has no name yet, or none that can be found. */
    record Unknown(Reason reason) implements ContainerLookup {}

    /** Why a container has no name. */
    enum Reason {
        /** The first lookup is in progress. */
        PENDING,
        /** No source knows the id. */
        NOT_FOUND,
        /** A source that may know the id is unreachable or timed out. */
        UNAVAILABLE,
        /** There is no source. */
        OFF;

        /** The value of the label {@code reason}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
