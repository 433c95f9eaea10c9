package io.gpuagent.workload;

import io.gpuagent.cgroup.CgroupFile;
import io.gpuagent.cgroup.KernelPath;
import io.gpuagent.cgroup.MountInfo;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Supplier;

/** The rules by which a process's cgroups tell whom it works for. */
public final class WorkloadRules {

    private static final Comparator<CgroupFile.Line> AUTHORITY = Comparator.comparingInt(WorkloadRules::authority)
            .thenComparing(CgroupFile.Line::controllers)
            .thenComparing(CgroupFile.Line::hierarchy);

    /** The best first. Where the kernel gives no order the alphabet does: the order of lines must not matter. */
    private static final Comparator<Match> PREFERENCE = Comparator.comparingInt(
                    (Match answer) -> precision(answer.workload()))
            .thenComparing(Match::line, AUTHORITY)
            .thenComparing(answer -> answer.workload().toString());

    private WorkloadRules() {}

    private record Match(CgroupFile.Line line, Workload workload) {}

    /**
     * The most precise of what the lines say. Empty for a process of the host: at the root, in slices only, below names that no rule
     * knows, or in a file without a valid line.
     */
    public static Optional<Workload> workload(CgroupFile file) {
        return file.lines().stream()
                .flatMap(line -> workload(line.path()).stream().map(workload -> new Match(line, workload)))
                .min(PREFERENCE)
                .map(Match::workload);
    }

    /**
     * As {@link #workload(CgroupFile)}, and from the mounts where the cgroup file names no container. The cgroup file comes from the
     * kernel; mounts can be arranged by whom they describe, so they never speak against it.
     *
     * @param mounts read only when needed, at most once
     */
    public static Optional<Workload> workload(CgroupFile file, Supplier<MountInfo> mounts) {
        Optional<Workload> own = workload(file);
        if (own.filter(WorkloadRules::isContainer).isPresent()) {
            return own;
        }
        MountInfo info = mounts.get();
        Optional<Workload> rooted = workload(info.cgroups());
        Optional<Workload> mounted = rooted.filter(WorkloadRules::isContainer).or(() -> BindSources.container(info));
        return mounted.flatMap(container -> within(own, container))
                .or(() -> own)
                .or(() -> rooted);
    }

    private static Optional<Workload> workload(KernelPath path) {
        return ContainerPath.owner(path)
                .or(() -> PodName.enclosing(path, path.depth() - 1))
                .or(() -> JobPath.owner(path))
                .or(() -> UnitPath.owner(path));
    }

    /** The container as one of the pod that the cgroup file names; empty if it cannot be. */
    private static Optional<Workload> within(Optional<Workload> own, Workload mounted) {
        if (own.isEmpty() || !(own.get() instanceof Workload.Pod pod)) {
            return Optional.of(mounted);
        }
        return mounted instanceof Workload.Container container
                        && (container.podUid() == null || container.podUid().equals(pod.uid()))
                ? Optional.of(new Workload.Container(container.runtime(), container.id(), pod.uid(), pod.qos()))
                : Optional.empty();
    }

    private static boolean isContainer(Workload workload) {
        return workload instanceof Workload.Container || workload instanceof Workload.Lxc;
    }

    private static int precision(Workload workload) {
        if (workload instanceof Workload.Container container) {
            return container.podUid() != null ? 0 : 1;
        }
        if (workload instanceof Workload.Lxc) {
            return 2;
        }
        if (workload instanceof Workload.Pod) {
            return 3;
        }
        return workload instanceof Workload.Job ? 4 : 5;
    }

    /** systemd keeps its own hierarchy exact and lets others lag behind; on a hybrid host v2 is the next best. */
    private static int authority(CgroupFile.Line line) {
        if (line.controllers().equals("name=systemd")) {
            return 0;
        }
        return line.hierarchy().equals("0") && line.controllers().isEmpty() ? 1 : 2;
    }
}
