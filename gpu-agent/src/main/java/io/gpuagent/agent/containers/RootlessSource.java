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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Container names from the Docker and Podman daemons that users run for themselves, as many as there are. */
final class RootlessSource implements ContainerSource {

    private static final List<String> SOCKETS = List.of("docker.sock", "podman/podman.sock");

    /** Users may have many daemons that do not answer: they are not to hold up everybody's containers. */
    private static final Duration LONGEST = Duration.ofSeconds(4);

    /** Those that exist now, by their sockets. */
    private final Map<Path, Daemon> daemons = new ConcurrentHashMap<>();

    private final Path users;
    private final Function<Path, ContainerSource> engine;
    private final Duration longest;
    private volatile @Nullable Changes changes;

    /** @param rootfs the host's root directory, below which systemd keeps {@code run/user/UID} for each user who is logged in */
    RootlessSource(Path rootfs) {
        this(rootfs, socket -> new DockerSource(DockerEndpoints.socket("rootless", socket)), LONGEST);
    }

    /** @param longest after which no more daemons are asked of a container */
    RootlessSource(Path rootfs, Function<Path, ContainerSource> engine, Duration longest) {
        this.longest = longest;
        this.users = rootfs.resolve("run/user").toAbsolutePath().normalize();
        this.engine = engine;
    }

    /** A daemon, and the gate that leaves it alone while it does not answer. */
    private record Daemon(ContainerSource source, SourceGate gate) {}

    @Override
    public String name() {
        return "rootless";
    }

    @Override
    public Optional<ContainerDetails> lookup(Workload.Container container)
            throws LookupFailedException, InterruptedException {
        follow();
        boolean silent = false;
        long start = System.nanoTime();
        for (Daemon daemon : daemons.values()) {
            if (System.nanoTime() - start >= longest.toNanos()) {
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
        ContainerSource source = engine.apply(socket);
        Changes listener = changes;
        if (listener != null) {
            source.watch(listener);
        }
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
    public List<PlaceReport> examine() throws InterruptedException {
        List<PlaceReport> reports = new ArrayList<>();
        for (Path socket : sockets()) {
            try (ContainerSource source = engine.apply(socket)) {
                reports.addAll(source.examine());
            }
        }
        return reports;
    }

    @Override
    public void watch(Changes to) {
        changes = to;
    }

    @Override
    public void close() {
        daemons.values().forEach(daemon -> daemon.source().close());
    }
}
