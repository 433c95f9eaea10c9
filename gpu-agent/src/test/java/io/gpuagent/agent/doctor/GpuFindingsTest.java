package io.gpuagent.agent.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.doctor.Finding.Verdict;
import io.gpuagent.agent.metrics.SnapshotFixtures;
import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.MigInstance;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.workload.Resolution.Reason;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Findings about each GPU. */
class GpuFindingsTest {

    @Test
    void aReadableGpuIsOk() {
        assertEquals(
                List.of(
                        Finding.ok("gpu 0", "Tesla P4 GPU-0: 2 processes, memory v2"),
                        Finding.ok("gpu 1", "GPU-1: 1 process, memory v2"),
                        Finding.ok("processes", "2 of 2 GPU processes resolved to a workload")),
                GpuFindings.of(DoctorSnapshots.of(DoctorSnapshots.live(7, 8), DoctorSnapshots.live(7))));
    }

    @Test
    void aBoardReportsItsNumberOfMigInstances() {
        GpuUsage board = new GpuUsage(new GpuIdentity(0, "GPU-a", "", ""), DoctorSnapshots.live(7));
        MigInstance instance = new MigInstance(1, 0, "MIG-1", "1g.5gb", null);
        assertEquals(
                "GPU-1: 1 process on 1 MIG instance, memory v2",
                second(
                                DoctorSnapshots.live(),
                                SnapshotFixtures.divided(board, instance).state())
                        .text());
    }

    @Test
    void aNodeWithoutAGpuIsBroken() {
        assertEquals(Verdict.BROKEN, GpuFindings.of(DoctorSnapshots.of()).get(0).verdict());
    }

    @Test
    void oneUnreadableGpuIsALimitAndAllUnreadableAreBroken() {
        for (GpuState bad : List.of(
                DoctorSnapshots.stalled(),
                DoctorSnapshots.lost("GPU_IS_LOST"),
                DoctorSnapshots.withoutList("UNKNOWN"),
                new GpuState.Starting())) {
            assertEquals(Verdict.LIMITED, second(DoctorSnapshots.live(), bad).verdict());
            assertEquals(
                    Verdict.BROKEN, second(DoctorSnapshots.lost("UNKNOWN"), bad).verdict());
        }
    }

    @Test
    void aHungGpuIsReportedWithTheCallItHangsIn() {
        Finding finding = second(DoctorSnapshots.live(), DoctorSnapshots.stalled());
        assertEquals("GPU-1: nvmlDeviceGetMemoryInfo_v2 does not return", finding.text());
        assertTrue(finding.fix().contains("--gpu-reset -i 1"), finding.fix());
    }

    @Test
    void aProcessListRefusedForMissingPermissionNeedsTheMigMonitor() {
        Finding finding = second(DoctorSnapshots.live(), DoctorSnapshots.withoutList("NO_PERMISSION"));
        assertEquals(
                "GPU-1: no process list: nvmlDeviceGetComputeRunningProcesses_v3 returned NO_PERMISSION",
                finding.text());
        assertTrue(finding.fix().contains("NVIDIA_MIG_MONITOR_DEVICES=all and CAP_SYS_ADMIN"), finding.fix());
        assertTrue(GpuFindings.refusesList(DoctorSnapshots.of(DoctorSnapshots.withoutList("NO_PERMISSION"))));
        Finding other = second(DoctorSnapshots.live(), DoctorSnapshots.withoutList("UNKNOWN"));
        assertTrue(!other.fix().contains("MIG"), other.fix());
    }

    @Test
    void aGpuWithoutPermissionRefersToItsDeviceNode() {
        assertEquals(
                "see devices",
                second(DoctorSnapshots.live(), DoctorSnapshots.lost("NO_PERMISSION"))
                        .fix());
    }

    @Test
    void missingValuesAreNamed() {
        GpuState state = DoctorSnapshots.live(
                DoctorSnapshots.MEMORY,
                List.of(new CallFault("nvmlDeviceGetPowerUsage", "UNKNOWN")),
                List.of("over_range", "over_range"),
                7);
        Finding finding = second(DoctorSnapshots.live(), state);
        assertEquals(Verdict.LIMITED, finding.verdict());
        assertEquals(
                "GPU-1: 1 process, memory v2; unavailable: nvmlDeviceGetPowerUsage returned UNKNOWN, a value is over_range",
                finding.text());
    }

    @Test
    void aGpuWithoutMemoryFiguresIsLimited() {
        Finding finding = second(DoctorSnapshots.live(), DoctorSnapshots.live(null, List.of(), List.of(), 7));
        assertEquals(Verdict.LIMITED, finding.verdict());
        assertEquals("GPU-1: 1 process; no memory figures", finding.text());
    }

    @Test
    void processesWithoutAWorkloadAreCountedWithTheReason() {
        Snapshot snapshot =
                DoctorSnapshots.of(Map.of(Reason.EXITED, 1, Reason.UNREADABLE, 0), DoctorSnapshots.live(7, 8, 9));
        Finding finding = GpuFindings.of(snapshot).get(1);
        assertEquals(Verdict.LIMITED, finding.verdict());
        assertEquals(
                "2 of 3 GPU processes resolved to a workload; the others: exited before it was seen in /proc",
                finding.text());
    }

    @Test
    void processesOfAHungGpuAreNotCounted() {
        assertEquals(
                1, GpuFindings.of(DoctorSnapshots.of(DoctorSnapshots.stalled())).size());
        Snapshot stale =
                DoctorSnapshots.of(Map.of(Reason.EXITED, 2), DoctorSnapshots.live(7), DoctorSnapshots.stalled());
        assertTrue(GpuFindings.of(stale).get(2).text().startsWith("0 of 1 "));
    }

    @Test
    void anIdleNodeIsOk() {
        Finding finding =
                GpuFindings.of(DoctorSnapshots.of(DoctorSnapshots.live())).get(1);
        assertEquals(Finding.ok("processes", "none on any GPU"), finding);
    }

    private static Finding second(GpuState first, GpuState second) {
        return GpuFindings.of(DoctorSnapshots.of(first, second)).get(1);
    }
}
