package io.gpuagent.agent.containers;

import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.Workload;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One place that can tell what a container id stands for: an engine's API, or its files. */
public interface ContainerSource extends AutoCloseable {

    /** The source as the label {@code source} has it. */
    String name();

    /**
     * What the source knows of a container now; empty if it does not know it, also where the container cannot be one of its own. May
     * take seconds, never for ever. Called by one thread at a time.
     *
     * @throws LookupFailedException if the source cannot tell
     */
    Optional<ContainerDetails> lookup(Workload.Container container) throws LookupFailedException, InterruptedException;

    /** How each place that the source asks does now. May take seconds, never for ever; nothing that is remembered is used. */
    List<PlaceStatus> examine() throws InterruptedException;

    /** How often a name found here is asked for again, for a runtime whose news do not reach us. */
    default Duration recheck() {
        return Duration.ofMinutes(5);
    }

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
