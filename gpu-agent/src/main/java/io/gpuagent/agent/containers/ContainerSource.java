package io.gpuagent.agent.containers;

import io.gpuagent.workload.ContainerDetails;
import java.util.Optional;

/** One place that can tell what a container id stands for: an engine's API, or its files. */
public interface ContainerSource extends AutoCloseable {

    /** The source as the label {@code source} has it. */
    String name();

    /**
     * What the source knows of a container now; empty if it does not know the id, also where the id cannot be one of its own. May
     * take seconds, never for ever. Called by one thread at a time.
     *
     * @throws LookupFailedException if the source cannot tell
     */
    Optional<ContainerDetails> lookup(String id) throws LookupFailedException, InterruptedException;

    /** Starts to tell what changes. Called once, before the first {@link #lookup}; a source without such news does nothing. */
    default void watch(Changes changes) {}

    /** Ends the source's threads and connections within a second; a lookup that is under way fails. */
    @Override
    void close();

    /** Where a source tells what changes. Hints only: too many or too few do no harm. Called from any thread, never blocks. */
    interface Changes {

        /** The container was made, started or renamed. */
        void changed(String id);

        /** The source can be asked again, and what it told before may be out of date. */
        void returned();
    }
}
