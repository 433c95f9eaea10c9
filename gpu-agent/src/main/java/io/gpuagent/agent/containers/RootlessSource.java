package io.gpuagent.agent.containers;

import io.gpuagent.retry.Backoff;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Container names from the rootless Docker and Podman daemons of users. Only a user's own daemons name a user's containers. */
final class RootlessSource implements ContainerSource {

    private static final List<String> SOCKETS = List.of("docker.sock", "podman/podman.sock");

    /** The daemons whose socket exists now, by socket. */
    private final Map<Path, Daemon> daemons = new ConcurrentHashMap<>();

    private final Path users;
    private final Duration deadline;

    /** @param rootfs the host's root directory, below which systemd keeps {@code run/user/UID} for each logged-in user */
    RootlessSource(Path rootfs) {
        this(rootfs, Duration.ofSeconds(2));
    }

    RootlessSource(Path rootfs, Duration deadline) {
        this.users = rootfs.resolve("run/user").toAbsolutePath().normalize();
        this.deadline = deadline;
    }

    /** A daemon and its circuit breaker. */
    private record Daemon(ContainerSource source, CircuitBreaker breaker) {}

    @Override
    public String name() {
        return "rootless";
    }

    /** Short, because events of these daemons are not followed. */
    @Override
    public Duration recheck() {
        return Duration.ofSeconds(15);
    }

    /** Limits the total time, so that many unresponsive daemons do not delay the lookups of all containers. */
    @Override
    public Optional<ContainerDetails> lookup(Workload.Named owner) throws LookupFailedException, InterruptedException {
        if (!(owner instanceof Workload.Container container && container.outer() instanceof Workload.User user)) {
            return Optional.empty();
        }
        follow();
        Workload.Container own =
                new Workload.Container(container.runtime(), container.id(), container.podUid(), container.qos());
        boolean unavailable = false;
        long start = System.nanoTime();
        for (Map.Entry<Path, Daemon> entry : daemons.entrySet()) {
            if (!entry.getKey().startsWith(users.resolve(user.id()))) {
                continue;
            }
            Daemon daemon = entry.getValue();
            if (System.nanoTime() - start >= deadline.toNanos()) {
                unavailable = true;
                break;
            }
            CircuitBreaker.Reply reply = daemon.breaker().lookup(own);
            if (reply.details() != null) {
                return Optional.of(reply.details());
            }
            unavailable |= reply.unavailable();
        }
        if (unavailable) {
            throw new LookupFailedException(LookupOutcome.ERROR, false, "a user's daemon is unavailable", null);
        }
        return Optional.empty();
    }

    /** Adds daemons whose socket has appeared, and closes those whose socket has disappeared. */
    private void follow() {
        Set<Path> present = new HashSet<>(sockets());
        daemons.forEach((socket, daemon) -> {
            if (!present.contains(socket)) {
                daemons.remove(socket);
                daemon.source().close();
            }
        });
        for (Path socket : present) {
            daemons.computeIfAbsent(socket, this::open);
        }
    }

    private Daemon open(Path socket) {
        ContainerSource source = source(socket);
        return new Daemon(source, new CircuitBreaker(source, Backoff.DEFAULT));
    }

    private ContainerSource source(Path socket) {
        return new DockerSource(DockerEndpoints.user(socket), deadline, Backoff.DEFAULT);
    }

    private List<Path> sockets() {
        try {
            List<Path> sockets = new ArrayList<>();
            for (Path user : BundleDirectories.children(users, "*")) {
                SOCKETS.stream().map(user::resolve).filter(Files::exists).forEach(sockets::add);
            }
            return sockets;
        } catch (IOException e) {
            return List.of();
        }
    }

    @Override
    public List<PlaceStatus> examine() throws InterruptedException {
        List<PlaceStatus> reports = new ArrayList<>();
        for (Path socket : sockets()) {
            try (ContainerSource source = source(socket)) {
                reports.addAll(source.examine());
            }
        }
        return reports;
    }

    @Override
    public void close() {
        daemons.values().forEach(daemon -> daemon.source().close());
    }
}
