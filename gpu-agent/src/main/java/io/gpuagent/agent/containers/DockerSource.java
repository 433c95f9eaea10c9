package io.gpuagent.agent.containers;

import io.gpuagent.platform.DaemonThreads;
import io.gpuagent.retry.Backoff;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Container names from Docker's API, or from Podman's compatible API. Every call has a deadline. Uses the newest API version that both
 * the daemon and docker-java support, and negotiates it again after any failure, because the daemon may have been replaced.
 */
public final class DockerSource implements ContainerSource {

    private static final System.Logger LOG = System.getLogger(DockerSource.class.getName());
    private static final Pattern CONTAINER_ID = Pattern.compile("[0-9a-f]{64}");
    private static final Duration DEADLINE = Duration.ofSeconds(2);

    /** The runtimes, named as in cgroup paths, whose containers a daemon with Docker's API may have. ECS runs Docker. */
    private static final Set<ContainerRuntime> RUNTIMES =
            Set.of(ContainerRuntime.DOCKER, ContainerRuntime.PODMAN, ContainerRuntime.ECS);

    private final DockerEndpoints endpoints;
    private final BoundedCalls calls;
    private final Backoff backoff;
    private volatile @Nullable Thread follower;
    /** Null before the first lookup and after a failed one. Used only by the lookup thread. */
    private @Nullable DockerConnection connection;
    /** The daemon that was logged last. Used only by the lookup thread. */
    private String logged = "";

    /** A source at the first endpoint that answers. The constructor does not connect. */
    public DockerSource(DockerEndpoints endpoints) {
        this(endpoints, DEADLINE, Backoff.DEFAULT);
    }

    DockerSource(DockerEndpoints endpoints, Duration deadline, Backoff backoff) {
        this.endpoints = endpoints;
        this.backoff = backoff;
        calls = new BoundedCalls(endpoints.name(), deadline);
    }

    @Override
    public String name() {
        return endpoints.name();
    }

    @Override
    public Optional<ContainerDetails> lookup(Workload.Named owner) throws LookupFailedException, InterruptedException {
        if (!mayHave(owner)) {
            return Optional.empty();
        }
        try {
            return connect().inspect((Workload.Container) owner);
        } catch (LookupFailedException e) {
            connection = null;
            if (e.outcome() == LookupOutcome.ABSENT && !isExpectedFor(owner)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Whether a daemon with Docker's API may have this container. Those of users are only their own daemons' to name. */
    static boolean mayHave(Workload.Named owner) {
        return owner instanceof Workload.Container container
                && !(container.outer() instanceof Workload.User)
                && CONTAINER_ID.matcher(container.id()).matches()
                && (container.runtime() == null || RUNTIMES.contains(container.runtime()));
    }

    /** Docker's containers are known to Docker only. Podman's, and those of an unknown runtime, may be known to other sources as well. */
    private boolean isExpectedFor(Workload.Named owner) {
        ContainerRuntime runtime = owner instanceof Workload.Container container ? container.runtime() : null;
        return !endpoints.automatic()
                || name().equals("docker") && (runtime == ContainerRuntime.DOCKER || runtime == ContainerRuntime.ECS);
    }

    @Override
    public List<PlaceStatus> examine() throws InterruptedException {
        List<PlaceStatus> reports = new ArrayList<>();
        for (URI candidate : endpoints.candidates()) {
            reports.add(PlaceStatus.of(
                    DockerEndpoints.text(candidate),
                    !endpoints.automatic(),
                    () -> DockerConnection.open(candidate, endpoints, calls).description()));
        }
        return reports;
    }

    @Override
    public void watch(Changes changes) {
        Thread thread = DaemonThreads.of(name() + "-events", new DockerEvents(endpoints, calls, backoff, changes));
        thread.start();
        follower = thread;
    }

    @Override
    public void close() {
        @Nullable Thread thread = follower;
        if (thread != null) {
            thread.interrupt();
        }
        calls.close();
    }

    private DockerConnection connect() throws LookupFailedException, InterruptedException {
        if (connection == null) {
            connection = DockerConnection.open(endpoints, calls);
            if (!connection.description().equals(logged)) {
                logged = connection.description();
                LOG.log(System.Logger.Level.INFO, "{0}: container names from {1}", name(), logged);
            }
        }
        return connection;
    }
}
