package io.gpuagent.workload;

import io.gpuagent.cgroup.CgroupFile;
import io.gpuagent.cgroup.KernelPath;
import io.gpuagent.cgroup.MountInfo;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Supplier;

/** The rules that find a process's workload from its cgroups and mounts. */
public final class WorkloadRules {

    private static final Comparator<CgroupFile.Line> AUTHORITY = Comparator.comparingInt(WorkloadRules::authority)
            .thenComparing(CgroupFile.Line::controllers)
            .thenComparing(CgroupFile.Line::hierarchy);

    /** The best match first. The result must not depend on the order of lines, so ties are broken alphabetically. */
    private static final Comparator<Match> PREFERENCE = Comparator.comparingInt(
                    (Match match) -> precision(match.workload()))
            .thenComparing(Match::line, AUTHORITY)
            .thenComparing(match -> match.workload().toString());

    private WorkloadRules() {}

    private record Match(CgroupFile.Line line, Workload workload) {}

    /** The workload of the text of a cgroup file, as {@link #workload(CgroupFile)} finds it. */
    public static Optional<Workload> workload(String cgroup) {
        return workload(CgroupFile.parse(cgroup));
    }

    /**
     * Returns the most precise workload of all lines. Empty for a host process: at the root, in slices only, below
     * names that no rule matches, or with a file without valid lines.
     */
    static Optional<Workload> workload(CgroupFile file) {
        return file.lines().stream()
                .flatMap(line -> workload(line.path()).stream().map(workload -> new Match(line, workload)))
                .min(PREFERENCE)
                .map(Match::workload);
    }

    /**
     * Like {@link #workload(CgroupFile)}, but also uses the mounts if the cgroup file names no container. The cgroup
     * file comes from the kernel, whereas a process may be able to arrange its mounts; they never override the cgroup
     * file.
     *
     * @param mounts called only if needed, at most once
     */
    static Optional<Workload> workload(CgroupFile file, Supplier<MountInfo> mounts) {
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

    /** Places a mounted container in the pod that the cgroup file names; empty if it belongs to another pod. */
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

    /** systemd keeps its own hierarchy exact, while others may lag behind; on a hybrid host v2 is second. */
    private static int authority(CgroupFile.Line line) {
        if (line.controllers().equals("name=systemd")) {
            return 0;
        }
        return line.hierarchy().equals("0") && line.controllers().isEmpty() ? 1 : 2;
    }
}
