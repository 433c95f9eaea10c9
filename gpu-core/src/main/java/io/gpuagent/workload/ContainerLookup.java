package io.gpuagent.workload;

import java.util.Locale;

/** What a {@link ContainerDirectory} knows of a container. */
public sealed interface ContainerLookup {

    /** The container has a name. */
    record Known(ContainerDetails details) implements ContainerLookup {}

    /** The container has no name yet, or none that can be found. */
    record Unknown(Reason reason) implements ContainerLookup {}

    /** Why a container has no name. */
    enum Reason {
        /** The first lookup is under way. */
        PENDING,
        /** No source knows the id. */
        NOT_FOUND,
        /** A source that might know it cannot be reached or does not answer. */
        UNAVAILABLE,
        /** There is no source to ask. */
        OFF;

        /** The reason as the label {@code reason} has it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
