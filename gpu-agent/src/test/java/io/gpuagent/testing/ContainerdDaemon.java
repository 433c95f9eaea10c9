package io.gpuagent.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A private containerd, set up as on a Kubernetes node, with the test in the kubelet's place: private directories,
 * pods in the host's network, only the busybox image. Needs root, containerd with ctr, its shim and runc, and a static
 * busybox; where they are missing, a test that needs them is skipped with the reason.
 */
public final class ContainerdDaemon implements AutoCloseable {

    /** The image that containers run. */
    public static final String IMAGE = "docker.io/library/bb:1";

    public static final Set<Requirement> NEEDS = Set.of(
            Requirement.CONTAINERD,
            Requirement.CTR,
            Requirement.CONTAINERD_SHIM,
            Requirement.RUNC,
            Requirement.BUSYBOX,
            Requirement.ROOT);

    private static final String SANDBOX_IMAGE = "registry.k8s.io/pause:3.6";
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Path root;
    private final CriClient cri;
    private final Set<String> podCgroups = new HashSet<>();
    private Process process;

    private ContainerdDaemon(Path root) {
        this.root = root;
        this.cri = new CriClient(socket());
    }

    /** A running pod of the burstable QoS class with its one running container. */
    public record Pod(
            String namespace,
            String name,
            String uid,
            String sandboxId,
            long sandboxPid,
            String container,
            String containerId,
            long pid) {}

    /** A container outside of any pod. */
    public record Container(String id, long pid) {}

    /** Starts a daemon and waits until it answers. */
    public static ContainerdDaemon start() {
        Requirement.require(NEEDS);
        try {
            ContainerdDaemon daemon = new ContainerdDaemon(Files.createTempDirectory("containerd-"));
            Files.writeString(daemon.root.resolve("config.toml"), daemon.config());
            daemon.launch();
            daemon.importImage();
            return daemon;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where containerd keeps the bundles of running containers, as passed to {@code --oci.bundles}. */
    public Path taskRoot() {
        return root.resolve("state/io.containerd.runtime.v2.task");
    }

    /** Runs a pod with one sleeping container. */
    public Pod runPod(String namespace, String name, String container) {
        String uid = UUID.randomUUID().toString();
        String cgroup = "/kubepods/burstable/pod" + uid;
        podCgroups.add(cgroup);
        ProtoMessage config = CriClient.podSandboxConfig(namespace, name, uid, cgroup);
        String sandbox = cri.runPodSandbox(config);
        String id = cri.createContainer(sandbox, config, container, IMAGE);
        cri.startContainer(id);
        return new Pod(namespace, name, uid, sandbox, cri.sandboxPid(sandbox), container, id, cri.containerPid(id));
    }

    public void removePod(Pod pod) {
        cri.removePodSandbox(pod.sandboxId());
    }

    /** Runs a container as nerdctl does: in containerd's default namespace, with its name in an annotation. */
    public Container runNamed(String name) {
        String id = (UUID.randomUUID() + "" + UUID.randomUUID()).replace("-", "");
        Path pid = root.resolve(id + ".pid");
        ctr(
                "default",
                "run",
                "--detach",
                "--null-io",
                "--snapshotter=native",
                "--runc-root=" + runcRoot(),
                "--annotation=nerdctl/name=" + name,
                "--pid-file=" + pid,
                IMAGE,
                id);
        try {
            return new Container(id, Long.parseLong(Files.readString(pid)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kills containerd with SIGKILL. Its containers and their shims keep running. */
    public void kill() {
        try {
            process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Restarts the killed containerd with its previous state. */
    public void restart() {
        try {
            launch();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Does not need a running containerd: a test may have killed it. */
    @Override
    public void close() {
        cri.close();
        kill();
        try {
            List<Path> shimSockets = shimSockets();
            deleteContainers();
            killShims();
            for (Path socket : shimSockets) {
                Files.deleteIfExists(socket);
            }
            deletePodCgroups();
            unmount();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Command.run("rm", "-rf", "--one-file-system", root.toString());
    }

    private Path socket() {
        return root.resolve("containerd.sock");
    }

    private Path runcRoot() {
        return root.resolve("runc");
    }

    private String config() {
        return """
                version = 2
                root = "%1$s/root"
                state = "%1$s/state"
                [grpc]
                  address = "%2$s"
                [ttrpc]
                  address = "%2$s.ttrpc"
                [plugins."io.containerd.grpc.v1.cri"]
                  sandbox_image = "%3$s"
                  disable_apparmor = true
                  restrict_oom_score_adj = true
                  stream_server_address = "127.0.0.1"
                  stream_server_port = "0"
                  [plugins."io.containerd.grpc.v1.cri".cni]
                    bin_dir = "%1$s/none"
                    conf_dir = "%1$s/none"
                  [plugins."io.containerd.grpc.v1.cri".containerd]
                    snapshotter = "native"
                    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
                      runtime_type = "io.containerd.runc.v2"
                      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
                        Root = "%4$s"
                """.formatted(root, socket(), SANDBOX_IMAGE, runcRoot());
    }

    private void launch() throws IOException {
        Path log = root.resolve("log");
        process = new ProcessBuilder("containerd", "--config=" + root.resolve("config.toml"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        try {
            Eventually.within(LIMIT, "containerd answers, see " + log, () -> process.isAlive() && cri.answers());
        } catch (AssertionError e) {
            kill();
            throw e;
        }
    }

    private void importImage() {
        try {
            Path image = BusyboxImage.write(root.resolve("image"), IMAGE, SANDBOX_IMAGE);
            for (String namespace : List.of("k8s.io", "default")) {
                ctr(namespace, "images", "import", "--snapshotter=native", image.toString());
            }
        } catch (AssertionError e) {
            close();
            throw e;
        }
    }

    private void ctr(String namespace, String... arguments) {
        List<String> command = new ArrayList<>(List.of("ctr", "--address=" + socket(), "--namespace=" + namespace));
        command.addAll(List.of(arguments));
        Command.run(command);
    }

    /**
     * The sockets of the shims, which are outside the private directories. Each bundle contains the path of its shim's
     * socket.
     */
    private List<Path> shimSockets() throws IOException {
        List<Path> sockets = new ArrayList<>();
        for (Path namespace : list(taskRoot())) {
            for (Path bundle : list(namespace)) {
                Path address = bundle.resolve("address");
                if (Files.exists(address)) {
                    sockets.add(Path.of(Files.readString(address).replaceFirst("^unix://", "")));
                }
            }
        }
        return sockets;
    }

    private void deleteContainers() throws IOException {
        for (Path namespace : list(runcRoot())) {
            for (Path container : list(namespace)) {
                Command.run(
                        "runc",
                        "--root=" + namespace,
                        "delete",
                        "--force",
                        container.getFileName().toString());
            }
        }
    }

    private void killShims() {
        ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains("-address " + socket()))
                .forEach(ProcessHandle::destroyForcibly);
    }

    /**
     * Removes the cgroups of the pods. On a node this is the kubelet's task; the container runtime only creates cgroups
     * below them.
     */
    private void deletePodCgroups() throws IOException {
        for (Path hierarchy : list(CGROUPS)) {
            podCgroups.forEach(cgroup -> Path.of(hierarchy + cgroup).toFile().delete());
        }
        podCgroups.forEach(cgroup -> Path.of(CGROUPS + cgroup).toFile().delete());
    }

    private void unmount() throws IOException {
        List<String> below = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
            String point = line.split(" ")[4];
            if (point.startsWith(root + "/")) {
                below.add(point);
            }
        }
        Collections.reverse(below);
        below.forEach(point -> Command.run("umount", "--lazy", point));
    }

    private static List<Path> list(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        }
    }
}
