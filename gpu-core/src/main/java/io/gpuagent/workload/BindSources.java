package io.gpuagent.workload;

import io.gpuagent.cgroup.KernelPath;
import io.gpuagent.cgroup.MountInfo;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the container of a process by the files that its runtime bind-mounts, if its cgroups do not name one. */
final class BindSources {

    private static final Pattern ID = Pattern.compile(IdPatterns.HEX_64);
    private static final Pattern POD_UID = Pattern.compile(IdPatterns.UUID + "|" + IdPatterns.HEX_32);
    private static final Set<String> DOCKER_FILES = Set.of("hostname", "hosts", "resolv.conf");
    private static final String SECRETS = "run/secrets";

    private BindSources() {}

    static Optional<Workload> container(MountInfo mounts) {
        return docker(mounts).or(() -> overlay(mounts));
    }

    /** Docker: a path that ends in {@code docker/containers/ID/hostname}, {@code hosts} or {@code resolv.conf}. */
    private static Optional<Workload> docker(MountInfo mounts) {
        TreeSet<String> ids = new TreeSet<>();
        for (KernelPath bind : mounts.binds()) {
            int id = bind.depth() - 2;
            if (DOCKER_FILES.contains(bind.name(id + 1))
                    && bind.name(id - 1).equals("containers")
                    && bind.name(id - 2).equals("docker")) {
                add(ids, bind.name(id));
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
    private static Optional<Workload> overlay(MountInfo mounts) {
        TreeMap<String, TreeSet<String>> idsByFile = new TreeMap<>();
        mounts.binds().forEach(bind -> addFile(bind, idsByFile));
        boolean kubernetes = mounts.binds().stream().anyMatch(BindSources::isFromKubelet);
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
