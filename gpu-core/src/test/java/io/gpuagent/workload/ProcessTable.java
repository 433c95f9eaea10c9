package io.gpuagent.workload;

import io.gpuagent.process.ProcessIdentity;
import io.gpuagent.process.ProcessSource;
import io.gpuagent.process.ProcessStat;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** A process source that a test controls. */
final class ProcessTable implements ProcessSource {

    final Map<Integer, ProcessStat> stats = new HashMap<>();

    final Map<Integer, String> mounts = new HashMap<>();

    final Map<Integer, String> cgroups = new HashMap<>();

    boolean hostPids = true;

    boolean denied;

    boolean hides;

    int reads;

    Runnable afterStatRead = () -> {};

    Runnable afterCgroupRead = () -> {};

    Runnable beforeMountsRead = () -> {};

    void put(int pid, long start, char state, String cgroup) {
        stats.put(pid, new ProcessStat(new ProcessIdentity(pid, start), "comm-" + start, state));
        cgroups.put(pid, cgroup);
    }

    void put(int pid, long start, String comm, String cgroup) {
        stats.put(pid, new ProcessStat(new ProcessIdentity(pid, start), comm, 'S'));
        cgroups.put(pid, cgroup);
    }

    void remove(int pid) {
        stats.remove(pid);
        cgroups.remove(pid);
    }

    @Override
    public boolean hostPids() {
        return hostPids;
    }

    @Override
    public boolean hidesProcesses() {
        return hides;
    }

    @Override
    public Optional<ProcessStat> stat(int pid) throws IOException {
        reads++;
        if (denied) {
            throw new AccessDeniedException("stat");
        }
        Optional<ProcessStat> stat = Optional.ofNullable(stats.get(pid));
        afterStatRead.run();
        return stat;
    }

    @Override
    public Optional<String> cgroup(int pid) {
        reads++;
        Optional<String> text = Optional.ofNullable(cgroups.get(pid));
        afterCgroupRead.run();
        return text;
    }

    @Override
    public Optional<String> mountinfo(int pid) {
        beforeMountsRead.run();
        return Optional.of(mounts.getOrDefault(pid, ""));
    }

    @Override
    public OptionalInt uid(int pid) {
        return OptionalInt.of(0);
    }

    @Override
    public Optional<String> userName(int uid) {
        return Optional.of("user" + uid);
    }
}
