package io.gpuagent.workload;

import io.gpuagent.cgroup.CgroupFile;
import io.gpuagent.cgroup.KernelPath;
import io.gpuagent.cgroup.MountInfo;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
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
     * Returns the most precise workload of the lines that can be believed. Empty for a host process: at the root, in
     * slices only, below names that no rule matches, or with a file without valid lines.
     */
    static Optional<Workload> workload(CgroupFile file) {
        List<Match> matches = file.lines().stream()
                .flatMap(line -> OwnerPath.owner(line.path()).stream().map(workload -> new Match(line, workload)))
                .sorted(PREFERENCE)
                .toList();
        Optional<Workload> systemd = matches.stream()
                .filter(match -> authority(match.line()) < 2)
                .findFirst()
                .map(Match::workload);
        return matches.stream()
                .filter(match ->
                        authority(match.line()) < 2 || systemd.isEmpty() || agrees(match, systemd.get(), matches))
                .findFirst()
                .map(Match::workload);
    }

    /**
     * Whether a cgroup v1 controller may refine what the hierarchy says that only root can write. A user may have been
     * given one controller, in which cgroups can then have any name. Batch systems put jobs into several controllers
     * and leave the hierarchy of systemd alone.
     */
    private static boolean agrees(Match match, Workload systemd, List<Match> matches) {
        if (systemd instanceof Workload.Unit unit) {
            Set<String> controllers = new HashSet<>();
            matches.stream()
                    .filter(other -> other.workload().equals(match.workload()))
                    .forEach(other -> controllers.add(other.line().controllers()));
            return OwnerPath.isOfRoot(unit) || match.workload() instanceof Workload.Job && controllers.size() > 1;
        }
        Workload outer = match.workload();
        while (outer != null && !outer.equals(systemd)) {
            outer = outer.outer();
        }
        return outer != null
                || systemd instanceof Workload.Pod pod
                        && match.workload() instanceof Workload.Container container
                        && pod.uid().equals(container.podUid())
                        && Objects.equals(pod.outer(), container.outer());
    }

    /**
     * Like {@link #workload(CgroupFile)}, but also uses the mounts if the cgroup file names no owner. The cgroup file
     * comes from the kernel, whereas a process may be able to arrange its mounts; they never override the cgroup file.
     *
     * @param mounts the process's mounts; called only if needed
     * @param host the mounts of the host's first process; called only if needed
     */
    static Optional<Workload> workload(CgroupFile file, Supplier<MountInfo> mounts, Supplier<MountInfo> host) {
        return workload(file).or(() -> BindSources.container(mounts.get(), host.get()));
    }

    /** The container that a file may name which names no other owner. */
    static Optional<Workload> guess(CgroupFile file) {
        return file.lines().stream()
                .sorted(AUTHORITY)
                .flatMap(line -> guess(line.path()).stream())
                .findFirst();
    }

    /** {@code ctr run} creates {@code /NAMESPACE/ID}, which is a container only if its bundle says so. */
    private static Optional<Workload> guess(KernelPath path) {
        return path.depth() < 2 || path.name(0).contains(".") || path.name(0).equals("user")
                ? Optional.empty()
                : Optional.of(new Workload.Container(
                        ContainerRuntime.CONTAINERD, path.name(1), null, null, null, path.above(2)));
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
