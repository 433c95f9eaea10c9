package io.gpuagent.workload;

import io.gpuagent.cgroup.KernelPath;
import io.gpuagent.cgroup.MountInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the container of a process by the files that its runtime bind-mounts, if its cgroups do not name one. */
final class BindSources {

    private static final Pattern ID = Pattern.compile(IdPatterns.HEX_64);
    private static final Pattern POD_UID = Pattern.compile(IdPatterns.UUID + "|" + IdPatterns.HEX_32);
    private static final List<KernelPath> DOCKER =
            paths("/var/lib/docker/containers", "/var/snap/docker/common/var-lib-docker/containers");
    /** containers-storage.conf(5): {@code graphroot} and {@code runroot}. */
    private static final List<KernelPath> STORAGE = paths("/var/lib/containers/storage", "/run/containers/storage");

    private static final Set<String> DOCKER_FILES = Set.of("hostname", "hosts", "resolv.conf");
    private static final String SECRETS = "run/secrets";

    private BindSources() {}

    private static List<KernelPath> paths(String... paths) {
        return Stream.of(paths).map(KernelPath::parse).toList();
    }

    /**
     * A user who creates a mount namespace can bind any file that the user may read. So a mount counts only if its
     * source is in the runtime's own directory, on the device that holds this directory on the host: only root can
     * enter it.
     *
     * @param host the mounts of the host's first process
     */
    static Optional<Workload> container(MountInfo mounts, MountInfo host) {
        List<KernelPath> docker = below(DOCKER, mounts, host);
        List<KernelPath> storage = below(STORAGE, mounts, host);
        return docker(docker).or(() -> overlay(storage, mounts));
    }

    /** The sources of mounts below any of these directories, relative to it. */
    private static List<KernelPath> below(List<KernelPath> directories, MountInfo mounts, MountInfo host) {
        List<KernelPath> sources = new ArrayList<>();
        for (KernelPath directory : directories) {
            host.locate(directory)
                    .ifPresent(own -> mounts.mounts().stream()
                            .filter(mount -> mount.device().equals(own.device())
                                    && mount.root().startsWith(own.root()))
                            .map(mount -> new KernelPath(mount.root()
                                    .names()
                                    .subList(own.root().depth(), mount.root().depth())))
                            .forEach(sources::add));
        }
        return sources;
    }

    /** Docker: {@code ID/hostname}, {@code ID/hosts} or {@code ID/resolv.conf}. */
    private static Optional<Workload> docker(List<KernelPath> sources) {
        TreeSet<String> ids = new TreeSet<>();
        for (KernelPath source : sources) {
            if (source.depth() == 2 && DOCKER_FILES.contains(source.name(1))) {
                add(ids, source.name(0));
            }
        }
        return ids.stream().findFirst().map(id -> container(ContainerRuntime.DOCKER, id));
    }

    private static void add(Set<String> ids, String id) {
        if (ID.matcher(id).matches()) {
            ids.add(id);
        }
    }

    /**
     * Podman and CRI-O: {@code .../overlay-containers/ID/userdata/FILE}. In a pod, most files belong to the pod's first
     * container. {@code run/secrets} and Podman's {@code .containerenv} always belong to the container itself.
     */
    private static Optional<Workload> overlay(List<KernelPath> sources, MountInfo mounts) {
        TreeMap<String, TreeSet<String>> idsByFile = new TreeMap<>();
        sources.forEach(source -> addFile(source, idsByFile));
        boolean kubernetes = mounts.mounts().stream().anyMatch(mount -> isFromKubelet(mount.root()));
        String own = first(idsByFile.remove(SECRETS));
        if (own != null) {
            boolean shared = !idsByFile.isEmpty() && idsByFile.values().stream().noneMatch(ids -> ids.contains(own));
            return Optional.of(container(kubernetes || shared ? ContainerRuntime.CRI_O : ContainerRuntime.PODMAN, own));
        }
        // Under Kubernetes the other files name the sandbox. ".containerenv" sorts before the other files.
        return kubernetes || idsByFile.isEmpty()
                ? Optional.empty()
                : Optional.of(container(
                        ContainerRuntime.PODMAN,
                        idsByFile.firstEntry().getValue().first()));
    }

    private static void addFile(KernelPath bind, TreeMap<String, TreeSet<String>> idsByFile) {
        int userdata = bind.names().lastIndexOf("userdata");
        String id = bind.name(userdata - 1);
        if (bind.name(userdata - 2).equals("overlay-containers")
                && ID.matcher(id).matches()) {
            List<String> file = bind.names().subList(userdata + 1, bind.depth());
            idsByFile
                    .computeIfAbsent(String.join("/", file), name -> new TreeSet<>())
                    .add(id);
        }
    }

    /** The kubelet binds {@code /etc/hosts} from {@code .../pods/UID/etc-hosts}. */
    private static boolean isFromKubelet(KernelPath bind) {
        int pods = bind.names().lastIndexOf("pods");
        return pods >= 0 && POD_UID.matcher(bind.name(pods + 1)).matches();
    }

    private static @Nullable String first(@Nullable TreeSet<String> ids) {
        return ids == null ? null : ids.first();
    }

    private static Workload container(ContainerRuntime runtime, String id) {
        return new Workload.Container(runtime, id, null, null);
    }
}
