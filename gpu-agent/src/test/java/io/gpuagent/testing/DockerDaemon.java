package io.gpuagent.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A private dockerd: its own data root, no network, only a busybox image that the test creates. Needs root, dockerd
 * with containerd and runc, the docker client and a static busybox; where they are missing, a test that needs them is
 * skipped with the reason.
 */
public final class DockerDaemon implements AutoCloseable {

    /** The image that containers run. */
    public static final String IMAGE = "bb:1";

    public static final Set<Requirement> NEEDS =
            Set.of(Requirement.DOCKERD, Requirement.DOCKER, Requirement.BUSYBOX, Requirement.ROOT);

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Path root;
    private Process process;

    private DockerDaemon(Path root) {
        this.root = root;
    }

    /** Starts a daemon and waits until it answers. */
    public static DockerDaemon start() {
        Requirement.require(NEEDS);
        try {
            DockerDaemon daemon = new DockerDaemon(Files.createTempDirectory("dockerd-"));
            daemon.launch();
            daemon.importImage();
            return daemon;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The socket as passed to {@code --docker.host}. */
    public String address() {
        return "unix://" + root.resolve("docker.sock");
    }

    public Path socket() {
        return root.resolve("docker.sock");
    }

    /** Runs a sleeping container and returns its full id. */
    public String run(String name, String... options) {
        List<String> command = new ArrayList<>(List.of("run", "-d", "--network", "none", "--name", name));
        command.addAll(List.of(options));
        command.addAll(List.of(IMAGE, "/bin/sleep", "100000"));
        return docker(command.toArray(String[]::new));
    }

    /** The pid of the first process of a running container. */
    public long pid(String container) {
        return Long.parseLong(docker("inspect", "-f", "{{.State.Pid}}", container));
    }

    /** Runs the docker client against this daemon and returns its output. */
    public String docker(String... arguments) {
        List<String> command = new ArrayList<>(List.of("docker", "-H", address()));
        command.addAll(List.of(arguments));
        return Command.run(command);
    }

    /** Stops the daemon, and with it its containers, with SIGTERM. */
    public void stop() {
        process.destroy();
        try {
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Starts the stopped daemon again with its previous state. */
    public void restart() {
        try {
            launch();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void removeAll() {
        for (String id : docker("ps", "-aq", "--no-trunc").lines().toList()) {
            docker("rm", "-f", id);
        }
    }

    @Override
    public void close() {
        removeAll();
        stop();
        try (Stream<Path> files = Files.walk(root)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void launch() throws IOException {
        process = new ProcessBuilder(
                        "dockerd",
                        "--storage-driver=vfs",
                        "--iptables=false",
                        "--bridge=none",
                        "--data-root=" + root.resolve("data"),
                        "--exec-root=" + root.resolve("exec"),
                        "--pidfile=" + root.resolve("pid"),
                        "--host=" + address())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(root.resolve("log").toFile()))
                .start();
        Eventually.within(LIMIT, "dockerd answers, see " + root.resolve("log"), this::answers);
    }

    private boolean answers() {
        if (!process.isAlive()) {
            throw new AssertionError("dockerd exited, see " + root.resolve("log"));
        }
        try {
            docker("version");
            return true;
        } catch (AssertionError e) {
            return false;
        }
    }

    private void importImage() {
        docker("load", "-i", BusyboxImage.write(root.resolve("image"), IMAGE).toString());
    }
}
