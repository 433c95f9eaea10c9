package io.gpuagent.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.cgroup.CgroupFile;
import io.gpuagent.cgroup.KernelPath;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Properties of any path: a container below it owns its processes, and a cgroup that only resembles a container does
 * not.
 */
final class PathProperties {

    private static final String Z = "fedcba9876543210".repeat(4);
    private static final String U = "99999999-8888-7777-6666-555555555555";
    private static final String POD_SLICES =
            "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + U.replace('-', '_') + ".slice/";

    /** A path suffix that identifies a container, with its runtime and id; the pod only if the suffix names it. */
    private record ContainerSuffix(
            @Nullable ContainerRuntime runtime, String suffix, String id, Workload.@Nullable Pod pod) {
        static ContainerSuffix of(@Nullable ContainerRuntime runtime, String suffix) {
            return new ContainerSuffix(runtime, suffix, Z, null);
        }
    }

    private static final List<ContainerSuffix> CONTAINER_SUFFIXES = List.of(
            ContainerSuffix.of(ContainerRuntime.DOCKER, "docker-" + Z + ".scope"),
            ContainerSuffix.of(ContainerRuntime.DOCKER, "docker-" + Z),
            ContainerSuffix.of(ContainerRuntime.DOCKER, "docker/" + Z),
            ContainerSuffix.of(ContainerRuntime.DOCKER, "x:docker:" + Z),
            ContainerSuffix.of(ContainerRuntime.CONTAINERD, "cri-containerd-" + Z + ".scope"),
            ContainerSuffix.of(ContainerRuntime.CONTAINERD, "x:cri-containerd:" + Z),
            ContainerSuffix.of(ContainerRuntime.CONTAINERD, "containerd/" + Z),
            ContainerSuffix.of(ContainerRuntime.CONTAINERD, "nerdctl-" + Z + ".scope"),
            ContainerSuffix.of(ContainerRuntime.CRI_O, "crio-" + Z + ".scope"),
            ContainerSuffix.of(ContainerRuntime.PODMAN, "libpod-" + Z + ".scope"),
            ContainerSuffix.of(ContainerRuntime.PODMAN, "libpod-payload-" + Z + ".scope"),
            ContainerSuffix.of(ContainerRuntime.PODMAN, "libpod/" + Z),
            ContainerSuffix.of(null, "kata_" + Z),
            new ContainerSuffix(ContainerRuntime.GARDEN, "garden/" + U, U, null),
            new ContainerSuffix(null, "mesos/" + U, U, null),
            new ContainerSuffix(
                    ContainerRuntime.NOMAD, "nomad.slice/share.slice/" + U + ".web.scope", U + ".web", null),
            new ContainerSuffix(ContainerRuntime.NSPAWN, "machine.slice/machine-a\\x2db.scope", "a-b", null),
            new ContainerSuffix(
                    ContainerRuntime.CONTAINERD,
                    POD_SLICES + "cri-containerd-" + Z + ".scope",
                    Z,
                    new Workload.Pod(U, "burstable")),
            new ContainerSuffix(
                    ContainerRuntime.CRI_O,
                    "kubepods/besteffort/pod" + U + "/crio-" + Z,
                    Z,
                    new Workload.Pod(U, "besteffort")),
            new ContainerSuffix(
                    ContainerRuntime.CRI_O, "kubepods/pod" + U + "/crio-" + Z, Z, new Workload.Pod(U, "guaranteed")));

    /** Cgroups below containers that are not containers. */
    private static final List<String> BELOW =
            List.of("", "container", "init.scope", "system.slice/x.service", "kube-proxy", "zz");

    /** Cgroups of container monitors and of names that resemble containers; some are units. */
    private static final List<String> NO_CONTAINERS = List.of(
            "libpod-conmon-" + Z + ".scope",
            "crio-conmon-" + Z + ".scope",
            "libpod_parent/conmon",
            "libpod-" + Z + ".scope/conmon",
            "crio-" + Z + "/conmon",
            "machine.slice/machine-qemu\\x2d1\\x2dvm.scope",
            "lxc.monitor.web",
            "lxc/lxc.monitor.web",
            "docker-" + Z + ".slice",
            "docker/" + Z + ".slice",
            "docker-" + Z + ".service",
            Z + ".mount",
            "docker-" + Z + "0.scope",
            "crio-" + Z.substring(1) + ".scope",
            "cri-containerd-" + Z.toUpperCase(Locale.ROOT) + ".scope",
            "x-docker-" + Z,
            "x:docker:" + Z + ".scope");

    /**
     * Job cgroups. Batch systems create these at the top of the cgroup hierarchy, of the host or of a container, but any
     * user can create cgroups with the same names in a delegated subtree.
     */
    private static final List<String> JOBS = List.of(
            "system.slice/slurmstepd.scope/job_5",
            "slurm/uid_0/job_5/step_0",
            "system.slice/htcondor/condor_var_slot1_2@node");

    /** Every cgroup directly below one of these is a guest. */
    private static final Set<String> GUESTS = Set.of("lxc", "lxc.payload");

    private final KernelPath path;
    private final Optional<Workload> workload;

    private PathProperties(KernelPath path) {
        this.path = path;
        this.workload = workload(path);
    }

    static void check(String text) {
        KernelPath path = KernelPath.parse(text);
        assertEquals(path, KernelPath.parse(text.replace("/", "/.///")), "with dots and empty names");
        PathProperties properties = new PathProperties(path);
        boolean isAboveGuests = GUESTS.contains(path.name(path.depth() - 1));
        for (int index = 0; index < CONTAINER_SUFFIXES.size() && !isAboveGuests; index++) {
            // One child per path is enough: different paths are tested with different children.
            properties.innermostContainerOwnsItsChildren(index, index + text.length());
        }
        if (!isAboveGuests) {
            assertEquals(properties.workload, workload(properties.below("zz")), "in a child");
            NO_CONTAINERS.forEach(properties::nothingElseIsAContainer);
        }
        (isAboveGuests ? List.<String>of() : JOBS).forEach(properties::jobBelowAnOwnerIsThatOwnersClaim);
    }

    private void innermostContainerOwnsItsChildren(int index, int below) {
        KernelPath inner = below(CONTAINER_SUFFIXES.get(index).suffix() + "/" + BELOW.get(below % BELOW.size()));
        Workload.Container container = (Workload.Container) workload(inner).orElseThrow();
        assertEquals(CONTAINER_SUFFIXES.get(index).runtime(), container.runtime(), inner::toString);
        assertEquals(CONTAINER_SUFFIXES.get(index).id(), container.id(), inner::toString);
        checkPod(CONTAINER_SUFFIXES.get(index), container);
    }

    /** The innermost pod is the container's. If the path is in a container already, the pod may be any above it. */
    private void checkPod(ContainerSuffix suffix, Workload.Container container) {
        if (suffix.pod() != null) {
            assertEquals(suffix.pod(), pod(container));
        } else if (workload.isEmpty()
                || !(workload.get() instanceof Workload.Container || workload.get() instanceof Workload.Lxc)) {
            assertEquals(
                    workload.orElse(null) instanceof Workload.Pod pod ? new Workload.Pod(pod.uid(), pod.qos()) : null,
                    pod(container));
        }
    }

    private static Workload.@Nullable Pod pod(Workload.Container container) {
        return container.podUid() == null ? null : new Workload.Pod(container.podUid(), container.qos());
    }

    /** The suffix does not change the workload, except that it may be a unit. */
    private void nothingElseIsAContainer(String suffix) {
        Optional<Workload> found = workload(below(suffix));
        boolean mayBeUnit = workload.isEmpty() || workload.get() instanceof Workload.Unit;
        assertTrue(
                found.equals(workload) || mayBeUnit && found.orElse(null) instanceof Workload.Unit,
                () -> "below " + workload + " " + suffix + " is in " + found);
    }

    private void jobBelowAnOwnerIsThatOwnersClaim(String job) {
        Optional<Workload> found = workload(below(job));
        boolean isJob = found.orElse(null) instanceof Workload.Job;
        Workload outer = isJob ? found.get().outer() : null;
        assertTrue(
                path.depth() == 0
                        ? isJob && outer == null
                        : !isJob || found.equals(workload) || outer != null && outer.equals(workload.orElse(null)),
                () -> job + " is in " + found);
    }

    private KernelPath below(String suffix) {
        KernelPath inner = KernelPath.parse(suffix);
        return new KernelPath(
                Stream.concat(path.names().stream(), inner.names().stream()).toList());
    }

    private static Optional<Workload> workload(KernelPath path) {
        return WorkloadRules.workload(new CgroupFile(List.of(new CgroupFile.Line("0", "", path))));
    }
}
