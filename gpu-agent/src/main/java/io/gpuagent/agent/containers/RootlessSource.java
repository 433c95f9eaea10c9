package io.gpuagent.agent.containers;

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

/** Container names from the Docker and Podman daemons that users run for themselves, as many as there are. */
final class RootlessSource implements ContainerSource {

    private static final List<String> SOCKETS = List.of("docker.sock", "podman/podman.sock");

    /** Those that exist now, by their sockets. */
    private final Map<Path, Daemon> daemons = new ConcurrentHashMap<>();

    private final Path users;
    private final Duration deadline;

    /** @param rootfs the host's root directory, below which systemd keeps {@code run/user/UID} for each user who is logged in */
    RootlessSource(Path rootfs) {
        this(rootfs, Duration.ofSeconds(2));
    }

    RootlessSource(Path rootfs, Duration deadline) {
        this.users = rootfs.resolve("run/user").toAbsolutePath().normalize();
        this.deadline = deadline;
    }

    /** A daemon, and the gate that leaves it alone while it does not answer. */
    private record Daemon(ContainerSource source, SourceGate gate) {}

    @Override
    public String name() {
        return "rootless";
    }

    /** Their news are not listened to. */
    @Override
    public Duration recheck() {
        return Duration.ofSeconds(15);
    }

    /** Many daemons that do not answer are not to hold up everybody's containers. */
    @Override
    public Optional<ContainerDetails> lookup(Workload.Container container)
            throws LookupFailedException, InterruptedException {
        follow();
        boolean silent = false;
        long start = System.nanoTime();
        for (Daemon daemon : daemons.values()) {
            if (System.nanoTime() - start >= deadline.toNanos()) {
                silent = true;
                break;
            }
            SourceGate.Reply reply = daemon.gate().ask(container);
            if (reply.details() != null) {
                return Optional.of(reply.details());
            }
            silent |= reply.silent();
        }
        if (silent) {
            throw new LookupFailedException(LookupOutcome.ERROR, false, "a user's daemon does not answer", null);
        }
        return Optional.empty();
    }

    /** Takes up the sockets that came, and lets go of those that went. */
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
        ContainerSource source = new UserDaemon(socket, deadline);
        return new Daemon(source, new SourceGate(source, Backoff.DEFAULT));
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
            try (ContainerSource source = new UserDaemon(socket, deadline)) {
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
