package io.gpuagent.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A real Podman of our own: private directories, containers without a network, no image but busybox's, and the service that answers as
 * Docker does. Needs root, podman with conmon and runc, and a static busybox; a test that wants one is skipped by name where they lack.
 */
public final class PodmanService implements AutoCloseable {

    /** The image that containers are run from, as Podman names it. */
    public static final String IMAGE = "localhost/bb:1";

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Path root;
    private final List<String> podman;
    private Process process;

    private PodmanService(Path root) {
        this.root = root;
        // crun refuses the hybrid hierarchy; the vfs driver works on every file system.
        podman = List.of(
                "env",
                "CONTAINERS_CONF=" + root.resolve("containers.conf"),
                "podman",
                "--root=" + root.resolve("var/lib/containers/storage"),
                "--runroot=" + root.resolve("run/containers/storage"),
                "--tmpdir=" + root.resolve("tmp"),
                "--storage-driver=vfs",
                "--cgroup-manager=cgroupfs",
                "--runtime=runc");
    }

    /** Makes the image, and starts the service. */
    public static PodmanService start() {
        Requirement.of("podman", Command.isOnPath("podman"), "not installed (Debian: podman)");
        Requirement.of("conmon", Command.isOnPath("conmon"), "not installed (Debian: conmon)");
        Requirement.of("runc", Command.isOnPath("runc"), "not installed (Debian: runc)");
        BusyboxImage.require();
        Requirement.of(
                "root", Files.isWritable(Path.of("/proc/sys/kernel/hostname")), "containers with cgroups need root");
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

    /** Podman wants its directory for what a reboot takes to have a path of at most 50 characters. */
    private static PodmanService make() {
        try {
            return new PodmanService(Files.createTempDirectory(Path.of("/tmp"), "p"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Podman's own limits are above what may be set here; an infra container takes its limits from nowhere else. */
    private void importImage() throws IOException {
        Files.writeString(root.resolve("containers.conf"), """
                [containers]
                netns = "none"
                default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
                [engine]
                events_logger = "file"
                """);
        Files.createDirectories(socket().getParent());
        podman("load", "-i", BusyboxImage.write(root.resolve("image"), IMAGE).toString());
    }

    /** As {@code --docker.host} takes it. */
    public String address() {
        return "unix://" + socket();
    }

    private Path socket() {
        return root.resolve("run/podman/podman.sock");
    }

    /** As {@code --path.rootfs} takes it: a directory below which everything of Podman's is where a host has it. */
    public Path rootfs() {
        return root;
    }

    /** The directory in which containers keep what is to last: a list of them, and for each a bundle. */
    public Path containers() {
        return root.resolve("var/lib/containers/storage/vfs-containers");
    }

    /** The directory in which containers keep what a reboot may take. */
    public Path volatileContainers() {
        return root.resolve("run/containers/storage/vfs-containers");
    }

    /** Runs a container that sleeps, and returns its full id. */
    public String run(String name, String... options) {
        List<String> command = new ArrayList<>(List.of("run", "-d", "--name", name));
        command.addAll(List.of(options));
        command.add(IMAGE);
        return podman(command.toArray(String[]::new));
    }

    /** Makes a pod of which the containers run under it are part. */
    public String pod(String name) {
        String sleep = "--infra-command=/bin/sleep 100000";
        return podman("pod", "create", "--network=none", "--name=" + name, "--infra-image=" + IMAGE, sleep);
    }

    /** The pid of a running container's first process. */
    public long pid(String container) {
        return Long.parseLong(podman("inspect", "-f", "{{.State.Pid}}", container));
    }

    /** The pid of the process that watches over a running container. */
    public long conmonPid(String container) {
        return Long.parseLong(podman("inspect", "-f", "{{.State.ConmonPid}}", container));
    }

    /** Runs podman, which needs no service, and returns what it wrote. */
    public String podman(String... arguments) {
        List<String> command = new ArrayList<>(podman);
        command.addAll(List.of(arguments));
        return Command.run(command);
    }

    /** Ends every container and pod. */
    public void removeAll() {
        podman("pod", "rm", "-f", "-a", "-t", "0");
        podman("rm", "-f", "-a", "-t", "0");
    }

    /** Starts the service, and waits until it answers. */
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
            throw new AssertionError("podman's service ended with " + process.exitValue());
        }
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
            return channel.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Ends the service by SIGTERM. Containers go on. */
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

    /** Podman leaves its cgroups behind. One that is in use cannot be removed, and is not ours. */
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
