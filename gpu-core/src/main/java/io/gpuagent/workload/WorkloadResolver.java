package io.gpuagent.workload;

import io.gpuagent.cgroup.CgroupFile;
import io.gpuagent.cgroup.MountInfo;
import io.gpuagent.process.ProcFs;
import io.gpuagent.process.ProcessIdentity;
import io.gpuagent.process.ProcessSource;
import io.gpuagent.process.ProcessStat;
import io.gpuagent.workload.Resolution.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the workloads of GPU processes and caches them by process identity, so that a reused pid never inherits a
 * workload. An unchanged process costs one read of its {@code stat} file per call. Not thread-safe.
 */
public final class WorkloadResolver {

    /**
     * For this long the cgroup is re-read at every call: a runtime moves a process into its cgroup only after starting
     * it.
     */
    private static final long SETTLING_NANOS = Duration.ofSeconds(10).toNanos();

    private static final long REREAD_NANOS = Duration.ofSeconds(30).toNanos();

    private static final Resolution NO_HOST_PID = new Resolution.Unresolved(Reason.NO_HOST_PID);
    private static final Resolution EXITED = new Resolution.Unresolved(Reason.EXITED);
    private static final Resolution UNREADABLE = new Resolution.Unresolved(Reason.UNREADABLE);

    /**
     * {@code nvidia-cuda-mps-server} truncated by the kernel to 15 characters. Of the processes with this name only the
     * server uses a GPU.
     */
    private static final String MPS_COMM = "nvidia-cuda-mps";

    private static final String MPS_SERVER = "nvidia-cuda-mps-server";

    /** The kernel's first thread, which is always in the root cgroup. */
    private static final int KTHREADD = 2;

    private static final int INIT = 1;

    private final ProcessSource processes;
    private final boolean containerUsers;
    private final Map<Integer, Sighting> sightings = new HashMap<>();

    /** Checked until it is true: a mounted proc file system does not change afterwards. */
    private boolean hostPids;

    private @Nullable CgroupFile root;

    public WorkloadResolver(ProcessSource processes) {
        this(processes, false);
    }

    /** @param containerUsers whether processes in pods, guests and root's containers have a user as well */
    public WorkloadResolver(ProcessSource processes, boolean containerUsers) {
        this.processes = processes;
        this.containerUsers = containerUsers;
    }

    /** Returns a resolver that reads {@code /proc}. */
    public static WorkloadResolver ofThisHost() {
        return new WorkloadResolver(new ProcFs(Path.of("/proc")));
    }

    /** The cached state of a pid: the process identity, its workload once found, and when its cgroup was read. */
    private record Sighting(
            ProcessIdentity identity, Resolution.@Nullable Resolved resolved, long firstNanos, long readNanos) {

        boolean dueAt(long nanos) {
            return resolved == null || nanos - firstNanos < SETTLING_NANOS || nanos - readNanos >= REREAD_NANOS;
        }
    }

    /**
     * Drops all other processes from the cache. Keep the processes that the driver lists, or listed last if its list
     * cannot be read now.
     */
    public void retainOnly(Set<Integer> pids) {
        sightings.keySet().retainAll(pids);
    }

    /**
     * Returns the workload of each process, or why it is unknown, by pid.
     *
     * @param nanos the current monotonic time
     */
    public Map<Integer, Resolution> resolve(Set<Integer> pids, long nanos) {
        hostPids = hostPids || !pids.isEmpty() && processes.hostPids();
        Map<Integer, Resolution> resolutions = new HashMap<>();
        for (int pid : pids) {
            resolutions.put(pid, hostPids ? resolve(pid, nanos) : NO_HOST_PID);
        }
        return resolutions;
    }

    private Resolution resolve(int pid, long nanos) {
        try {
            Optional<ProcessStat> stat = processes.stat(pid);
            return stat.isPresent()
                    ? resolve(stat.get(), nanos)
                    : cached(pid, processes.hidesProcesses() ? UNREADABLE : EXITED);
        } catch (IOException | UncheckedIOException e) {
            return cached(pid, UNREADABLE);
        }
    }

    /**
     * The cached result. The driver lists a process while it holds memory, even after it left /proc; it keeps its
     * workload until then.
     */
    private Resolution cached(int pid, Resolution unknown) {
        Sighting sighting = sightings.get(pid);
        return sighting == null || sighting.resolved() == null ? unknown : sighting.resolved();
    }

    private Resolution resolve(ProcessStat stat, long nanos) throws IOException {
        int pid = stat.identity().pid();
        Sighting known = sightings.get(pid);
        if (known == null || !known.identity().equals(stat.identity())) {
            known = new Sighting(stat.identity(), null, nanos, nanos);
            sightings.put(pid, known);
        }
        if (!known.dueAt(nanos)) {
            return cached(pid, EXITED);
        }
        Optional<String> cgroup = processes.cgroup(pid);
        Optional<Workload> found =
                cgroup.flatMap(text -> find(pid, CgroupFile.parse(text).below(root())));
        OptionalInt uid = processes.uid(pid);
        Optional<ProcessStat> after = processes.stat(pid);
        // If the pid was reused between two reads, the values may belong to different processes.
        if (cgroup.isEmpty() || after.isPresent() && !after.get().identity().equals(stat.identity())) {
            return cached(pid, EXITED);
        }
        Resolution.Resolved resolved = choose(known.resolved(), found, after.orElse(stat), after.isEmpty(), uid);
        sightings.put(pid, new Sighting(known.identity(), resolved, known.firstNanos(), nanos));
        return resolved == null ? EXITED : resolved;
    }

    /**
     * A found workload replaces the known one. An empty result never does: it comes from a zombie, an emptied cgroup or
     * the root cgroup. A live process without any result is a host process.
     */
    private Resolution.@Nullable Resolved choose(
            Resolution.@Nullable Resolved known,
            Optional<Workload> found,
            ProcessStat stat,
            boolean exited,
            OptionalInt uid) {
        if (known != null && (found.isEmpty() || found.get().equals(known.workload()))) {
            return known;
        }
        if (found.isEmpty() && (exited || stat.ended())) {
            return null;
        }
        Workload workload = found.filter(owner -> !isMpsServer(stat, owner)).orElseGet(() -> host(stat));
        Integer real = uid.isPresent() ? Integer.valueOf(uid.getAsInt()) : null;
        return new Resolution.Resolved(workload, stat.comm(), real, user(workload, real));
    }

    /** The login name of the user of a {@code user-N.slice}; otherwise of the process, where its uid is the host's. */
    private String user(Workload workload, @Nullable Integer uid) {
        Workload outermost = workload;
        boolean hostUids = containerUsers;
        while (outermost.outer() != null) {
            outermost = outermost.outer();
        }
        hostUids |= outermost instanceof Workload.Job || outermost instanceof Workload.HostProcess;
        hostUids |= outermost instanceof Workload.Container container && container.isGuess();
        String slice = outermost instanceof Workload.User user ? user.id() : null;
        if (outermost instanceof Workload.Unit unit) {
            hostUids = true;
            slice = unit.userId();
        }
        if (slice != null) {
            return slice.matches("[0-9]{1,9}") ? name(Integer.parseInt(slice)) : slice;
        }
        return hostUids && uid != null ? name(uid) : "";
    }

    private String name(int uid) {
        return processes.userName(uid).orElseGet(() -> Integer.toString(uid));
    }

    private Optional<Workload> find(int pid, CgroupFile file) {
        return WorkloadRules.workload(file, () -> mountinfo(pid), () -> mountinfo(INIT))
                .or(() -> WorkloadRules.guess(file));
    }

    /** The root of every hierarchy as the agent sees it: above its own cgroup namespace, a path with {@code ..}. */
    private CgroupFile root() {
        if (root == null) {
            try {
                root = CgroupFile.parse(processes.cgroup(KTHREADD).orElse(""));
            } catch (IOException e) {
                root = new CgroupFile(List.of());
            }
        }
        return root;
    }

    private static Workload host(ProcessStat stat) {
        return new Workload.HostProcess(stat.comm().equals(MPS_COMM) ? MPS_SERVER : stat.comm());
    }

    /**
     * Whether the process is an MPS server started from a user session. Its memory serves clients of any workload, so
     * it does not belong to the session. An MPS server in a service, container or job belongs to that workload.
     */
    private static boolean isMpsServer(ProcessStat stat, Workload owner) {
        return stat.comm().equals(MPS_COMM) && owner instanceof Workload.Unit unit && unit.isSession();
    }

    /** Only the process's owner and root may read this file. An unreadable file counts as empty. */
    private MountInfo mountinfo(int pid) {
        try {
            return MountInfo.parse(processes.mountinfo(pid).orElse(""));
        } catch (IOException e) {
            return MountInfo.parse("");
        }
    }
}
