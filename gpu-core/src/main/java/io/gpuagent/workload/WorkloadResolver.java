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
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the workload of each process that the driver lists, and remembers it by process identity: a reused pid never inherits a
 * workload. An unchanged process costs one read of its {@code stat} file a call. Used by one thread at a time.
 */
public final class WorkloadResolver {

    /** A runtime moves a new process into its cgroup only after starting it. */
    private static final long SETTLING_NANOS = Duration.ofSeconds(10).toNanos();

    private static final long REREAD_NANOS = Duration.ofSeconds(30).toNanos();

    private static final Resolution NO_HOST_PID = new Resolution.Unresolved(Reason.NO_HOST_PID);
    private static final Resolution EXITED = new Resolution.Unresolved(Reason.EXITED);
    private static final Resolution UNREADABLE = new Resolution.Unresolved(Reason.UNREADABLE);

    /** The kernel keeps 15 characters of {@code nvidia-cuda-mps-server}; of the processes so called it alone is on a GPU. */
    private static final String MPS_COMM = "nvidia-cuda-mps";

    private static final String MPS_SERVER = "nvidia-cuda-mps-server";

    private final ProcessSource processes;
    private final Map<Integer, Sighting> sightings = new HashMap<>();

    /** Asked until it is so: a mounted proc file system does not become another one. */
    private boolean hostPids;

    public WorkloadResolver(ProcessSource processes) {
        this.processes = processes;
    }

    /** A resolver of the processes in {@code /proc}. */
    public static WorkloadResolver ofThisHost() {
        return new WorkloadResolver(new ProcFs(Path.of("/proc")));
    }

    /** What is remembered of a pid: the process behind it, its workload once found, and when its cgroup was read. */
    private record Sighting(
            ProcessIdentity identity, Resolution.@Nullable Resolved resolved, long firstNanos, long readNanos) {

        boolean dueAt(long nanos) {
            return resolved == null || nanos - firstNanos < SETTLING_NANOS || nanos - readNanos >= REREAD_NANOS;
        }
    }

    /** Forgets every process but these: those that the driver lists, or listed last where its list cannot be read now. */
    public void forgetAllBut(Set<Integer> pids) {
        sightings.keySet().retainAll(pids);
    }

    /**
     * The workload of each process, or why it is not known.
     *
     * @param nanos the monotonic time now
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
                    : remembered(pid, processes.hidesProcesses() ? UNREADABLE : EXITED);
        } catch (IOException | UncheckedIOException e) {
            return remembered(pid, UNREADABLE);
        }
    }

    /** The driver lists a process as long as it holds memory, also after it left /proc: it keeps its workload until then. */
    private Resolution remembered(int pid, Resolution otherwise) {
        Sighting sighting = sightings.get(pid);
        return sighting == null || sighting.resolved() == null ? otherwise : sighting.resolved();
    }

    private Resolution resolve(ProcessStat stat, long nanos) throws IOException {
        int pid = stat.identity().pid();
        Sighting known = sightings.get(pid);
        if (known == null || !known.identity().equals(stat.identity())) {
            known = new Sighting(stat.identity(), null, nanos, nanos);
            sightings.put(pid, known);
        }
        if (!known.dueAt(nanos)) {
            return remembered(pid, EXITED);
        }
        Optional<String> cgroup = processes.cgroup(pid);
        Optional<Workload> found =
                cgroup.flatMap(text -> WorkloadRules.workload(CgroupFile.parse(text), () -> mountinfo(pid)));
        OptionalInt uid = processes.uid(pid);
        Optional<ProcessStat> after = processes.stat(pid);
        // A pid that changed hands between two reads would give one process the cgroup, mounts or user of another.
        if (cgroup.isEmpty() || after.isPresent() && !after.get().identity().equals(stat.identity())) {
            return remembered(pid, EXITED);
        }
        Resolution.Resolved resolved = choose(known.resolved(), found, after.orElse(stat), after.isEmpty(), uid);
        sightings.put(pid, new Sighting(known.identity(), resolved, known.firstNanos(), nanos));
        return resolved == null ? EXITED : resolved;
    }

    /**
     * The workload found replaces the one known; no answer never does, since that is what a zombie, an emptied or a root cgroup gives.
     * A live process without an answer is a process of the host.
     */
    private Resolution.@Nullable Resolved choose(
            Resolution.@Nullable Resolved known,
            Optional<Workload> found,
            ProcessStat stat,
            boolean gone,
            OptionalInt uid) {
        if (known != null && (found.isEmpty() || found.get().equals(known.workload()))) {
            return known;
        }
        if (found.isEmpty() && (gone || stat.ended())) {
            return null;
        }
        Workload workload = found.filter(owner -> !isMpsServer(stat, owner)).orElseGet(() -> host(stat));
        Integer user = uid.isPresent() ? Integer.valueOf(uid.getAsInt()) : null;
        return new Resolution.Resolved(
                workload,
                stat.comm(),
                user,
                user == null ? null : processes.userName(user).orElse(null));
    }

    private static Workload host(ProcessStat stat) {
        return new Workload.HostProcess(stat.comm().equals(MPS_COMM) ? MPS_SERVER : stat.comm());
    }

    /**
     * Whether the process is the MPS server of a user's session: what it holds serves clients of whatever workload, and is none of the
     * session's own. Where it has a service, container or job to itself, that is its workload.
     */
    private static boolean isMpsServer(ProcessStat stat, Workload owner) {
        return stat.comm().equals(MPS_COMM) && owner instanceof Workload.Unit unit && unit.isSession();
    }

    /** Only the process's owner and root may read this file; a process whose mounts are not to be seen has none. */
    private MountInfo mountinfo(int pid) {
        try {
            return MountInfo.parse(processes.mountinfo(pid).orElse(""));
        } catch (IOException e) {
            return MountInfo.parse("");
        }
    }
}
