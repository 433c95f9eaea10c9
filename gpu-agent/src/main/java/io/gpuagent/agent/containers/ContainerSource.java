package io.gpuagent.agent.containers;

import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.Workload;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A place that container names come from: the API of a container runtime, or its files. */
public interface ContainerSource extends AutoCloseable {

    /** The name of the source in the metric label {@code source}. */
    String name();

    /**
     * Looks a container up; empty if the source does not know it or cannot have it. May take seconds, but always returns. Called by one
     * thread at a time.
     *
     * @throws LookupFailedException if the source is unavailable
     */
    Optional<ContainerDetails> lookup(Workload.Named owner) throws LookupFailedException, InterruptedException;

    /** Probes each place that the source queries, without using cached state. May take seconds, but always returns. */
    List<PlaceStatus> examine() throws InterruptedException;

    /** How often a name from this source is looked up again, for sources that do not report changes. */
    default Duration recheck() {
        return Duration.ofMinutes(5);
    }

    /** Starts reporting changes. Called once, before the first {@link #lookup}. By default a source reports none. */
    default void watch(Changes changes) {}

    /** Stops the source's threads and connections within a second; a running lookup fails. */
    @Override
    void close();

    /** A listener for changes at a source. Changes are only hints: surplus or missing ones are harmless. Called by any thread; never blocks. */
    interface Changes {

        /** The container was created, started or renamed. */
        void changed(String id);

        /** The source is available again; its earlier answers may be outdated. */
        void returned();
    }
}
