package io.gpuagent.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A private Podman: its own directories, containers without a network, only the busybox image, and the service with
 * Docker's API. Needs root, podman with conmon and runc, and a static busybox; where they are missing, a test that
 * needs them is skipped with the reason.
 */
public final class PodmanService implements AutoCloseable {

    /** The image that containers run, as Podman names it. */
    public static final String IMAGE = "localhost/bb:1";

    public static final Set<Requirement> NEEDS =
            Set.of(Requirement.PODMAN, Requirement.CONMON, Requirement.RUNC, Requirement.BUSYBOX, Requirement.ROOT);

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Path root;
    private final List<String> podman;
    private Process process;

    private PodmanService(Path root) {
        this.root = root;
        // crun refuses the hybrid cgroup hierarchy; the vfs driver works on every file system.
        podman = List.of(
                "env",
                "CONTAINERS_CONF=" + root.resolve("containers.conf"),
                "PATH=" + root.resolve("bin") + ":" + System.getenv("PATH"),
                "podman",
                "--root=" + root.resolve("var/lib/containers/storage"),
                "--runroot=" + root.resolve("run/containers/storage"),
                "--tmpdir=" + root.resolve("tmp"),
                "--storage-driver=vfs",
                "--cgroup-manager=cgroupfs",
                "--runtime=runc");
    }

    /** Creates the image and starts the service. */
    public static PodmanService start() {
        Requirement.require(NEEDS);
        PodmanService service = make();
        try {
            service.importImage();
            service.startService();
            return service;
        } catch (IOException | AssertionError e) {
            throw service.failed(e);
        }
    }

    private AssertionError failed(Throwable why) {
        AssertionError failure = new AssertionError(why);
        try {
            close();
        } catch (AssertionError e) {
            failure.addSuppressed(e);
        }
        return failure;
    }

    /** Podman limits the path of its runtime directory to 50 characters. */
    private static PodmanService make() {
        try {
            return new PodmanService(Files.createTempDirectory(Path.of("/tmp"), "p"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Writes the configuration and loads the image. The resource limits are lower than Podman's defaults, which this machine may not allow;
     * the infra container of a pod takes its limits only from this file.
     */
    private void importImage() throws IOException {
        Files.writeString(root.resolve("containers.conf"), """
                [containers]
                netns = "none"
                default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
                [engine]
                events_logger = "file"
                """);
        Files.createDirectories(socket().getParent());
        withoutPackageQueries();
        podman("load", "-i", BusyboxImage.write(root.resolve("image"), IMAGE).toString());
    }

    /**
     * For each version request, Podman runs dpkg-query several times to name the packages of conmon and runc. With many packages on a
     * busy machine that takes longer than the agent's deadline.
     */
    private void withoutPackageQueries() throws IOException {
        Path query = Files.createDirectories(root.resolve("bin")).resolve("dpkg-query");
        Files.writeString(query, "#!/bin/sh\nexit 1\n");
        Files.setPosixFilePermissions(query, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** The socket as passed to {@code --docker.host}. */
    public String address() {
        return "unix://" + socket();
    }

    private Path socket() {
        return root.resolve("run/podman/podman.sock");
    }

    /** A root directory as passed to {@code --path.rootfs}: Podman's directories lie in it where a host has them. */
    public Path rootfs() {
        return root;
    }

    /** The directory of the containers' persistent state: an index and one bundle per container. */
    public Path containers() {
        return root.resolve("var/lib/containers/storage/vfs-containers");
    }

    /** The directory of the containers' state that does not survive a reboot. */
    public Path volatileContainers() {
        return root.resolve("run/containers/storage/vfs-containers");
    }

    /** Runs a sleeping container and returns its full id. */
    public String run(String name, String... options) {
        List<String> command = new ArrayList<>(List.of("run", "-d", "--name", name));
        command.addAll(List.of(options));
        command.add(IMAGE);
        return podman(command.toArray(String[]::new));
    }

    /** Creates a pod, in which containers can then be run. */
    public String pod(String name) {
        String sleep = "--infra-command=/bin/sleep 100000";
        return podman("pod", "create", "--network=none", "--name=" + name, "--infra-image=" + IMAGE, sleep);
    }

    /** The pid of the first process of a running container. */
    public long pid(String container) {
        return Long.parseLong(podman("inspect", "-f", "{{.State.Pid}}", container));
    }

    /** The pid of the conmon process of a running container. */
    public long conmonPid(String container) {
        return Long.parseLong(podman("inspect", "-f", "{{.State.ConmonPid}}", container));
    }

    /** Runs podman, which needs no service, and returns its output. */
    public String podman(String... arguments) {
        List<String> command = new ArrayList<>(podman);
        command.addAll(List.of(arguments));
        return Command.run(command);
    }

    /** Removes every container and pod. */
    public void removeAll() {
        podman("pod", "rm", "-f", "-a", "-t", "0");
        podman("rm", "-f", "-a", "-t", "0");
    }

    /** Starts the service and waits until it answers. */
    public void startService() {
        List<String> command = new ArrayList<>(podman);
        command.addAll(List.of("system", "service", "--time=0", address()));
        Path log = root.resolve("log");
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            Eventually.within(LIMIT, "podman's service answers", this::answers);
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + ": " + Command.run("cat", log.toString()), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean answers() {
        if (!process.isAlive()) {
            throw new AssertionError("podman's service exited with " + process.exitValue());
        }
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
            return channel.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Stops the service with SIGTERM. Containers keep running. */
    public void stopService() {
        if (process == null) {
            return;
        }
        process.destroy();
        try {
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            Files.deleteIfExists(socket());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        removeAll();
        stopService();
        Command.run("rm", "-rf", "--one-file-system", root.toString());
        removeCgroups();
    }

    /** Podman leaves its cgroups behind. A cgroup in use cannot be removed, and belongs to another Podman. */
    private static void removeCgroups() {
        Command.run(
                "find",
                "/sys/fs/cgroup",
                "-depth",
                "-type",
                "d",
                "-path",
                "*/libpod_parent*",
                "-exec",
                "rmdir",
                "--ignore-fail-on-non-empty",
                "{}",
                ";");
    }
}
