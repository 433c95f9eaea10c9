package io.gpuagent.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gpuagent.workload.Resolution.Resolved;
import io.gpuagent.workload.Resolution.Unresolved;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WorkloadResolverTest {

    private static final String ONE = "0::/docker/" + "1".repeat(64) + "\n";

    private static final String OTHER = "0::/docker/" + "2".repeat(64) + "\n";

    private static final String ROOT = "0::/\n";

    private final ProcessTable table = new ProcessTable();

    private final WorkloadResolver resolver = new WorkloadResolver(table);

    @Test
    void processBelongsToItsContainer() {
        table.put(7, 100, 'S', ONE);

        assertEquals(container("1"), workloadAt(0));
    }

    @Test
    void mpsServerInASessionIsAHostProcess() {
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
    void mpsServerInAServiceOrContainerBelongsToIt() {
        table.put(7, 100, "nvidia-cuda-mps", "0::/system.slice/nvidia-mps.service\n");
        assertEquals(new Workload.Unit("nvidia-mps.service", null), workloadAt(0));
        table.put(7, 101, "nvidia-cuda-mps", ONE);
        assertEquals(container("1"), workloadAt(1));
    }

    @Test
    void pidReusedBeforeItsMountsAreReadInheritsNoWorkload() {
        table.put(7, 100, 'S', ROOT);
        table.beforeMountsRead = () -> {
            table.put(7, 101, 'S', ROOT);
            table.mounts.put(
                    7, "1 2 8:1 /docker/containers/" + "1".repeat(64) + "/hosts /etc/hosts rw - ext4 /dev/a rw\n");
        };
        assertEquals(new Unresolved(Resolution.Reason.EXITED), resolutionAt(0));
    }

    @Test
    void userOfAProcessIsResolved() {
        table.put(7, 100, 'S', "0::/system.slice/a.service\n");
        assertEquals("user0", user(new WorkloadResolver(table)));
        table.put(7, 100, 'S', "0::/user.slice/user-8.slice/session-1.scope\n");
        assertEquals("user8", user(new WorkloadResolver(table)));
        table.put(7, 100, 'S', ONE);
        assertEquals("", user(new WorkloadResolver(table)));
        assertEquals("user0", user(new WorkloadResolver(table, true)));
    }

    private static String user(WorkloadResolver resolver) {
        return ((Resolved) resolver.resolve(Set.of(7), 0).get(7)).user();
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
        resolver.retainOnly(Set.of());
        assertEquals(new Unresolved(Resolution.Reason.EXITED), resolutionAt(3601));
    }

    @Test
    void zombieAndEmptyCgroupsNeverReplaceAWorkload() {
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
    void settledProcessCostsOneReadPerCallAndItsCgroupIsReReadEveryThirtySeconds() {
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
    void processThatExitsBeforeItsCgroupIsReadIsUnresolved() {
        table.put(7, 100, 'S', ROOT);
        table.afterStatRead = () -> table.remove(7);
        assertEquals(new Unresolved(Resolution.Reason.EXITED), resolutionAt(0));
    }

    @Test
    void processThatExitsAfterItsCgroupWasReadIsResolved() {
        table.put(7, 100, 'S', ONE);
        table.afterCgroupRead = () -> table.remove(7);
        assertEquals(container("1"), workloadAt(0));
    }

    @Test
    void processInTheRootCgroupThatExitsWhileItIsReadIsUnresolved() {
        table.put(7, 100, 'S', ROOT);
        table.afterCgroupRead = () -> table.remove(7);
        assertEquals(new Unresolved(Resolution.Reason.EXITED), resolutionAt(0));
    }

    @Test
    void procIsCheckedForTheHostsPidsUntilTheCheckSucceeds() {
        table.put(7, 100, 'S', ONE);
        workloadAt(0);
        table.hostPids = false;
        assertEquals(container("1"), workloadAt(1));
    }

    @Test
    void eachReasonIsReported() {
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
    void pidIsNotResolvedInAnotherNamespaceEvenIfItExistsThere() {
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
        return new Workload.Container(ContainerRuntime.DOCKER, digit.repeat(64), null, null);
    }
}
