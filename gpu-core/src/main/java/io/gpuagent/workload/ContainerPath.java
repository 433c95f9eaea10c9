package io.gpuagent.workload;

import io.gpuagent.cgroup.KernelPath;
import io.gpuagent.workload.ContainerName.Spot;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the innermost container on a cgroup path. */
final class ContainerPath {

    private ContainerPath() {}

    /** A {@link Workload.Container} or {@link Workload.Lxc}. */
    static Optional<Workload> owner(KernelPath path) {
        int ecs = path.names().indexOf("ecs");
        for (int i = path.depth() - 1; i >= 0; i--) {
            Optional<Workload> owner = container(new Spot(path, i, ecs >= 0 && ecs < i));
            if (owner.isPresent()) {
                return owner;
            }
        }
        return Optional.empty();
    }

    private static Optional<Workload> container(Spot spot) {
        for (ContainerName pattern : ContainerName.ALL) {
            Optional<String> id = pattern.id(spot);
            if (id.isPresent()) {
                return isMonitor(pattern.runtime(), spot.path().name(spot.index() + 1))
                        ? Optional.empty()
                        : Optional.of(workload(pattern.runtime(), id.get(), spot));
            }
        }
        return Optional.empty();
    }

    private static Workload workload(@Nullable ContainerRuntime runtime, String id, Spot spot) {
        if (runtime == ContainerRuntime.LXC) {
            return new Workload.Lxc(id);
        }
        return PodName.enclosing(spot.path(), spot.index())
                .map(pod -> new Workload.Container(runtime, id, pod.uid(), pod.qos()))
                .orElseGet(() -> new Workload.Container(runtime, id, null, null));
    }

    /**
     * Whether the child cgroup of a container holds the runtime's monitor process, which is not part of the container:
     * conmon of Podman and CRI-O, the supervisor of nspawn. For other runtimes a child of that name belongs to the
     * container.
     */
    private static boolean isMonitor(@Nullable ContainerRuntime runtime, String child) {
        return switch (child) {
            case "conmon" -> runtime == null || runtime == ContainerRuntime.PODMAN || runtime == ContainerRuntime.CRI_O;
            case "supervisor", "runtime" -> runtime == ContainerRuntime.NSPAWN;
            default -> false;
        };
    }
}
