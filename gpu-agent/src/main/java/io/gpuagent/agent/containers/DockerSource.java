package io.gpuagent.agent.containers;

import io.gpuagent.workload.ContainerDetails;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Container names from Docker's API, or from a Podman that speaks it. Every call has a deadline that holds. Speaks the newest API
 * version that the daemon and docker-java share, and agrees anew when the daemon was replaced.
 */
public final class DockerSource implements ContainerSource {

    private static final Pattern CONTAINER_ID = Pattern.compile("[0-9a-f]{64}");
    private static final Duration DEADLINE = Duration.ofSeconds(2);

    private final DockerEndpoints endpoints;
    private final BoundedCalls calls;
    private final Reachability reachability;
    private final DockerEvents events;
    private final Object lock = new Object();
    /** Guarded by {@link #lock}. */
    private @Nullable DockerConnection connection;

    /** A source at the first endpoint that answers; nothing is connected yet. */
    public DockerSource(DockerEndpoints endpoints) {
        this(endpoints, DEADLINE, Backoff.DEFAULT);
    }

    DockerSource(DockerEndpoints endpoints, Duration deadline, Backoff backoff) {
        this.endpoints = endpoints;
        calls = new BoundedCalls(name(), deadline);
        reachability = new Reachability(name());
        events = new DockerEvents(endpoints, calls, reachability, backoff);
    }

    @Override
    public String name() {
        return "docker";
    }

    @Override
    public Optional<ContainerDetails> lookup(String id) throws LookupFailedException, InterruptedException {
        if (!CONTAINER_ID.matcher(id).matches()) {
            return Optional.empty();
        }
        try {
            Optional<ContainerDetails> details = inspect(id);
            reachability.up(connect().description());
            return details;
        } catch (LookupFailedException e) {
            disconnect();
            if (e.ofWholeSource()) {
                reachability.down(String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    @Override
    public void watch(Changes changes) {
        events.start(changes);
    }

    /**
     * The daemon that answers now, its address and the version spoken, for people.
     *
     * @throws LookupFailedException if none answers
     */
    public String probe() throws LookupFailedException, InterruptedException {
        try (DockerConnection probe = DockerConnection.open(endpoints, calls, calls.deadline())) {
            return probe.description();
        }
    }

    @Override
    public void close() {
        reachability.close();
        events.close();
        calls.close();
        disconnect();
    }

    /** Once more over a new connection where the old one may be the reason, by the list where the container may be. */
    private Optional<ContainerDetails> inspect(String id) throws LookupFailedException, InterruptedException {
        boolean reused = isConnected();
        try {
            return connect().inspect(id);
        } catch (LookupFailedException e) {
            boolean ofContainer = e.outcome() == LookupOutcome.TIMEOUT || !e.ofWholeSource();
            boolean ofConnection = reused && e.getCause() != null && DockerTrouble.isOfConnection(e.getCause());
            if (!ofContainer && !ofConnection) {
                throw e;
            }
            disconnect();
            return ofConnection ? connect().inspect(id) : connect().list(id);
        }
    }

    private boolean isConnected() {
        synchronized (lock) {
            return connection != null;
        }
    }

    private DockerConnection connect() throws LookupFailedException, InterruptedException {
        synchronized (lock) {
            if (connection != null) {
                return connection;
            }
        }
        DockerConnection opened = DockerConnection.open(endpoints, calls, calls.deadline());
        synchronized (lock) {
            connection = opened;
        }
        return opened;
    }

    private void disconnect() {
        @Nullable DockerConnection old;
        synchronized (lock) {
            old = connection;
            connection = null;
        }
        if (old != null) {
            old.close();
        }
    }
}
