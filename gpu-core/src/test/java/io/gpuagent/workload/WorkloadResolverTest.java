package io.gpuagent.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gpuagent.process.ProcessIdentity;
import io.gpuagent.process.ProcessSource;
import io.gpuagent.process.ProcessStat;
import io.gpuagent.workload.Resolution.Resolved;
import io.gpuagent.workload.Resolution.Unresolved;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WorkloadResolverTest {

    private static final String ONE = "0::/docker/" + "1".repeat(64) + "\n";
    private static final String OTHER = "0::/docker/" + "2".repeat(64) + "\n";
    private static final String ROOT = "0::/\n";

    private final Table table = new Table();
    private final WorkloadResolver resolver = new WorkloadResolver(table);

    @Test
    void processInAContainerWorksForIt() {
        table.put(7, 100, 'S', ONE);

        assertEquals(container("1"), workloadAt(0));
    }

    @Test
    void serverOfMpsInASessionIsAWorkloadOfItsOwnAndItsClientsAreTheirs() {
        String session = "0::/user.slice/user-1000.slice/session-7.scope\n";
        table.put(7, 100, "nvidia-cuda-mps", session);
        assertEquals(new Workload.HostProcess("nvidia-cuda-mps-server"), workloadAt(0));
        assertEquals(new Workload.HostProcess("nvidia-cuda-mps-server"), workloadAt(60));
        table.put(7, 101, "python3", session);
        assertEquals(new Workload.Unit("session-7.scope", "1000"), workloadAt(61));
        table.put(7, 102, "nvidia-cuda-mps", ROOT);
        assertEquals(new Workload.HostProcess("nvidia-cuda-mps-server"), workloadAt(62));
    }

    @Test
    void serverOfMpsWithAServiceOrContainerOfItsOwnIsThat() {
        table.put(7, 100, "nvidia-cuda-mps", "0::/system.slice/nvidia-mps.service\n");
        assertEquals(new Workload.Unit("nvidia-mps.service", null), workloadAt(0));
        table.put(7, 101, "nvidia-cuda-mps", ONE);
        assertEquals(container("1"), workloadAt(1));
    }

    @Test
    void pidThatChangesHandsBeforeItsMountsAreReadInheritsNone() {
        table.put(7, 100, 'S', ROOT);
        table.beforeMountsRead = () -> {
            table.put(7, 101, 'S', ROOT);
            table.mounts.put(
                    7, "1 2 8:1 /docker/containers/" + "1".repeat(64) + "/hosts /etc/hosts rw - ext4 /dev/a rw\n");
        };
        assertEquals(new Unresolved(Resolution.Reason.EXITED), resolutionAt(0));
    }

    @Test
    void userBehindAProcessIsNamed() {
        table.put(7, 100, 'S', ONE);
        assertEquals("user0", ((Resolved) resolutionAt(0)).user());
    }

    @Test
    void reusedPidNeverInheritsAWorkload() {
        table.put(7, 100, 'S', ONE);
        workloadAt(0);
        table.put(7, 101, 'S', ROOT);

        assertEquals(new Workload.HostProcess("comm-101"), workloadAt(1));
    }

    @Test
    void pidThatChangesHandsBetweenTwoReadsIsNotResolved() {
        table.put(7, 100, 'S', ONE);
        table.afterCgroupRead = () -> table.put(7, 101, 'S', OTHER);

        assertEquals(new Unresolved(Resolution.Reason.EXITED), resolutionAt(0));
        table.afterCgroupRead = () -> {};
        assertEquals(container("2"), workloadAt(1));
    }

    @Test
    void listedProcessKeepsItsWorkloadAfterItLeftProc() {
        table.put(7, 100, 'S', ONE);
        workloadAt(0);
        table.remove(7);

        assertEquals(container("1"), workloadAt(3600));
        resolver.forgetAllBut(Set.of());
        assertEquals(new Unresolved(Resolution.Reason.EXITED), resolutionAt(3601));
    }

    @Test
    void zombieAndRootAnswersNeverReplaceAWorkload() {
        table.put(7, 100, 'S', ONE);
        workloadAt(0);
        table.put(7, 100, 'Z', ROOT);
        assertEquals(container("1"), workloadAt(1));
        table.put(7, 100, 'S', "");
        assertEquals(container("1"), workloadAt(2));
    }

    @Test
    void zombieThatWasNeverSeenAliveIsUnresolved() {
        table.put(7, 100, 'Z', ROOT);

        assertEquals(new Unresolved(Resolution.Reason.EXITED), resolutionAt(0));
    }

    @Test
    void zombieWhoseCgroupStillNamesAContainerIsResolved() {
        table.put(7, 100, 'Z', ONE);

        assertEquals(container("1"), workloadAt(0));
    }

    @Test
    void newProcessIsFollowedIntoItsContainer() {
        table.put(7, 100, 'S', ROOT);
        assertEquals(new Workload.HostProcess("comm-100"), workloadAt(0));
        table.put(7, 100, 'S', ONE);

        assertEquals(container("1"), workloadAt(1));
    }

    @Test
    void settledProcessCostsOneReadATickAndItsCgroupAnotherEveryThirtySeconds() {
        table.put(7, 100, 'S', ONE);
        workloadAt(0);
        workloadAt(10);
        table.reads = 0;
        for (int second = 11; second < 30; second++) {
            workloadAt(second);
        }
        assertEquals(19, table.reads);
        workloadAt(30);
        assertEquals(22, table.reads);
    }

    @Test
    void processMovedToAnotherContainerIsFollowedWithinThirtySeconds() {
        table.put(7, 100, 'S', ONE);
        workloadAt(0);
        workloadAt(15);
        table.put(7, 100, 'S', OTHER);

        assertEquals(container("1"), workloadAt(16));
        assertEquals(container("2"), workloadAt(45));
    }

    @Test
    void processThatExitsBeforeItsCgroupIsReadIsNotAProcessOfTheHost() {
        table.put(7, 100, 'S', ROOT);
        table.afterStatRead = () -> table.remove(7);
        assertEquals(new Unresolved(Resolution.Reason.EXITED), resolutionAt(0));
    }

    @Test
    void processThatExitsAfterItsCgroupWasReadWorkedForWhatItNames() {
        table.put(7, 100, 'S', ONE);
        table.afterCgroupRead = () -> table.remove(7);
        assertEquals(container("1"), workloadAt(0));
    }

    @Test
    void processWithoutAWorkloadThatExitsMeanwhileIsUnresolved() {
        table.put(7, 100, 'S', ROOT);
        table.afterCgroupRead = () -> table.remove(7);
        assertEquals(new Unresolved(Resolution.Reason.EXITED), resolutionAt(0));
    }

    @Test
    void procThatWasTheHostsStaysTheHosts() {
        table.put(7, 100, 'S', ONE);
        workloadAt(0);
        table.hostPids = false;
        assertEquals(container("1"), workloadAt(1));
    }

    @Test
    void eachReasonIsTold() {
        table.hostPids = false;
        assertEquals(new Unresolved(Resolution.Reason.NO_HOST_PID), resolutionAt(0));
        table.hostPids = true;
        assertEquals(new Unresolved(Resolution.Reason.EXITED), resolutionAt(1));
        table.denied = true;
        assertEquals(new Unresolved(Resolution.Reason.UNREADABLE), resolutionAt(2));
        table.denied = false;
        table.hides = true;
        assertEquals(new Unresolved(Resolution.Reason.UNREADABLE), resolutionAt(3));
    }

    @Test
    void pidOfAnotherNamespaceIsNotResolvedByLuck() {
        table.put(7, 100, 'S', ONE);
        table.hostPids = false;

        assertEquals(new Unresolved(Resolution.Reason.NO_HOST_PID), resolutionAt(0));
    }

    @Test
    void hostileCgroupFileIsAHostProcess() {
        for (String hostile : new String[] {"\0\0\0", "x".repeat(1 << 20), "::::\n\n:", "0::" + "/".repeat(1 << 20)}) {
            table.put(7, hostile.length(), 'S', hostile);
            assertEquals(new Workload.HostProcess("comm-" + hostile.length()), workloadAt(0));
        }
    }

    private Resolution resolutionAt(long second) {
        return resolver.resolve(Set.of(7), Duration.ofSeconds(second).toNanos()).get(7);
    }

    private Workload workloadAt(long second) {
        return ((Resolved) resolutionAt(second)).workload();
    }

    private static Workload container(String digit) {
        return new Workload.Container("docker", digit.repeat(64), null, null);
    }

    /** A process table as data. */
    private static final class Table implements ProcessSource {

        private final Map<Integer, ProcessStat> stats = new HashMap<>();
        private final Map<Integer, String> mounts = new HashMap<>();
        private final Map<Integer, String> cgroups = new HashMap<>();
        private boolean hostPids = true;
        private boolean denied;
        private boolean hides;
        private int reads;
        private Runnable afterStatRead = () -> {};
        private Runnable afterCgroupRead = () -> {};
        private Runnable beforeMountsRead = () -> {};

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
}
