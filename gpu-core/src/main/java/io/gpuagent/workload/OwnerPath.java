package io.gpuagent.workload;

import io.gpuagent.cgroup.KernelPath;
import io.gpuagent.workload.ContainerName.Spot;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Follows a cgroup path from the root down and chains the owners on it. Below an owner, names are what that owner chose:
 * they extend the chain and never replace what is above.
 */
final class OwnerPath {

    /**
     * The characters of unit_name_is_valid in systemd's src/basic/unit-name.c. A name without text between the at sign
     * and the suffix is a template, not a running unit. Slices contain units, not processes, and are not matched.
     */
    private static final Pattern UNIT =
            Pattern.compile("[0-9A-Za-z:_.\\\\-]+(?:@[0-9A-Za-z:_.\\\\@-]+)?\\.(?:service|scope|mount|socket|swap)");

    /** The units that systemd creates for a user, and in which the user's own units run. */
    private static final Pattern HOLDER = Pattern.compile("user@[0-9]+\\.service|session-[0-9A-Za-z]+\\.scope");

    private static final Pattern USER = Pattern.compile("user-([0-9]+)\\.slice|user@([0-9]+)\\.service");

    /** The system units in which root's container runtimes and batch systems create cgroups. */
    private static final Pattern OF_ROOT = Pattern.compile(
            "(?:docker|containerd|crio?|cri-o|cri-docker|podman|kubelet|nomad|garden|ecs|buildkit|balena(?:-engine)?|k3s(?:-agent)?"
                    + "|rke2-(?:server|agent)|k0s(?:controller|worker)|snap\\.(?:docker|microk8s|k8s|lxd)\\..+|lxd|incus"
                    + "|mesos-(?:slave|agent)|slurmd(?:@.+)?|pbs|pbs_mom|pbs_jobs|condor|sgeexecd\\..+"
                    + "|torque-mom|gridengine-execd?)\\.service|init\\.scope|(?:.+_)?slurmstepd\\.scope",
            Pattern.DOTALL);

    /** The cgroups in which LXC, systemd-nspawn and Podman place a container's root. */
    private static final Set<String> INNER_ROOTS = Set.of("ns", "payload", "container");

    /** Deeper containers are ignored: no real path has so many, and each one costs memory. */
    private static final int MAX_DEPTH = 16;

    private final KernelPath path;

    /** The index of the first name that belongs to the innermost owner found. */
    private int root;

    private Workload.@Nullable User user;
    private Workload.@Nullable Unit unit;
    /** The innermost guest, container, pod or job. */
    private @Nullable Workload inner;

    /** The number of containers found. */
    private int depth;
    /** Whether a cgroup {@code ecs} is above this name and below the innermost container. */
    private boolean belowEcs;

    private OwnerPath(KernelPath path) {
        this.path = path;
    }

    /** The innermost owner of a path that starts at the host's root; empty if the path names none. */
    static Optional<Workload> owner(KernelPath path) {
        OwnerPath owners = new OwnerPath(path);
        for (int i = 0; i < path.depth(); i++) {
            owners.visit(i);
        }
        return Optional.ofNullable(owners.inner == null ? owners.unit : owners.inner);
    }

    private void visit(int index) {
        if (index < root || depth == MAX_DEPTH) {
            return;
        }
        belowEcs |= index > 0 && path.name(index - 1).equals("ecs");
        if (!enterContainer(index) && !enterPod(index) && !enterJob(index) && inner == null) {
            enterUser(index);
            enterUnit(index);
        }
    }

    private boolean enterContainer(int index) {
        Spot spot = new Spot(path, root, index, belowEcs);
        for (ContainerName pattern : ContainerName.ALL) {
            Optional<String> id = pattern.id(spot);
            if (id.isPresent()) {
                if (isMonitor(pattern.runtime(), path.name(index + 1))) {
                    return false;
                }
                enterPod(index);
                inner = container(pattern.runtime(), id.get(), index);
                root = index + (INNER_ROOTS.contains(path.name(index + 1)) ? 2 : 1);
                depth++;
                belowEcs = false;
                return true;
            }
        }
        return false;
    }

    private Workload container(@Nullable ContainerRuntime runtime, String id, int index) {
        Workload.Pod pod = inner instanceof Workload.Pod enclosing ? enclosing : null;
        Workload outer = pod == null ? outer() : pod.outer();
        if (runtime == ContainerRuntime.LXC) {
            return new Workload.Lxc(id, outer);
        }
        String claimed = outer == null || outer instanceof Workload.User ? "" : path.above(index + 1);
        return pod == null
                ? new Workload.Container(runtime, id, null, null, outer, claimed)
                : new Workload.Container(runtime, id, pod.uid(), pod.qos(), outer, claimed);
    }

    private boolean enterPod(int index) {
        Optional<Workload.Pod> pod = PodName.at(path, index);
        if (pod.isEmpty()) {
            return false;
        }
        Workload outer = inner instanceof Workload.Pod enclosing ? enclosing.outer() : outer();
        inner = new Workload.Pod(pod.get().uid(), pod.get().qos(), outer);
        root = index + 1;
        return true;
    }

    /** Users and services can give their cgroups the names of jobs, so none is looked for below them. */
    private boolean enterJob(int index) {
        if (user != null || inner instanceof Workload.Job || unit != null && !isOfRoot(unit)) {
            return false;
        }
        Optional<String> job = BatchPath.job(path, root, index);
        if (job.isPresent()) {
            inner = new Workload.Job(job.get(), inner);
            root = index + 1;
        }
        return job.isPresent();
    }

    /** The outermost user wins: below their own manager, users can choose any slice names. */
    private void enterUser(int index) {
        if (user != null || unit != null) {
            return;
        }
        Matcher slice = USER.matcher(path.name(index));
        if (slice.matches()) {
            user = new Workload.User(slice.group(1) == null ? slice.group(2) : slice.group(1));
        } else if (index == 1 && path.name(0).equals("user")) {
            user = new Workload.User(path.name(1)); // pam_cgfs(8) of lxcfs: /user/NAME/SESSION
        }
    }

    /** The outermost system unit, or below a user's manager or session the outermost unit in it. */
    private void enterUnit(int index) {
        String name = path.name(index);
        // systemd prefixes an underscore to names that would clash with kernel files, such as cpu.service.
        String unescaped = name.startsWith("_") ? name.substring(1) : name;
        boolean isInner =
                unit != null && (user == null || !HOLDER.matcher(unit.name()).matches());
        if (!isInner && UNIT.matcher(unescaped).matches()) {
            unit = new Workload.Unit(unescaped, user == null ? null : user.id());
        }
    }

    /** What encloses an owner found now; null if only root can have created its cgroup. */
    private @Nullable Workload outer() {
        if (inner != null) {
            return inner;
        }
        return user != null || unit == null || isOfRoot(unit) ? user : unit;
    }

    /** Whether the unit is a container runtime's or a batch system's, which creates cgroups for others. */
    static boolean isOfRoot(Workload.Unit unit) {
        return unit.userId() == null && OF_ROOT.matcher(unit.name()).matches();
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
