package io.gpuagent.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.ProcessList;
import io.gpuagent.workload.ContainerDirectory;
import io.gpuagent.workload.Resolution;
import io.gpuagent.workload.Workload;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Tests the memory peak of workloads on GPUs where the driver's accounting mode is enabled. */
class LedgerPeakTest {

    private static final GpuIdentity GPU = new GpuIdentity(0, "GPU-a", "Tesla P4", "00000000:01:00.0");
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Ledger ledger = new Ledger(ContainerDirectory.NONE, 5000, Duration.ofMinutes(1));

    @Test
    void lifetimePeakOfAnEndedProcessRaisesOnlyThePeakOfItsWorkload() {
        enter(0, Map.of(10, 100L, 20, 100L), Map.of());
        enter(1, Map.of(20, 100L), Map.of(10, 900L));
        enter(2, Map.of(20, 100L), Map.of());
        assertEquals(900L, account(2, "u1").peakBytes());
        assertEquals(100.0, account(2, "u1").memoryByteSeconds());
        assertEquals(100L, account(2, "u2").peakBytes());
        assertEquals(200.0, account(2, "u2").memoryByteSeconds());
    }

    @Test
    void runningWorkloadKeepsThePeakOfItsEndedProcess() {
        enter(0, Map.of(10, 100L, 11, 50L), Map.of());
        enter(1, Map.of(11, 50L), Map.of(10, 900L));
        assertEquals(900L, account(1, "u1").peakBytes());
        assertEquals(150.0, account(1, "u1").memoryByteSeconds());
    }

    @Test
    void higherSampledPeakIsKept() {
        enter(0, Map.of(10, 100L, 11, 50L), Map.of());
        enter(1, Map.of(), Map.of(10, 120L, 11, 50L));
        assertEquals(150L, account(1, "u1").peakBytes());
    }

    @Test
    void peakEndsWithItsWindow() {
        enter(0, Map.of(10, 100L), Map.of());
        enter(1, Map.of(), Map.of(10, 900L));
        assertEquals(900L, account(60, "u1").peakBytes());
        assertNull(account(61, "u1").peakBytes());
    }

    @Test
    void peakOfAnUnknownProcessIsIgnored() {
        enter(0, Map.of(10, 100L), Map.of());
        enter(1, Map.of(10, 100L), Map.of(11, 900L));
        assertEquals(100L, account(1, "u1").peakBytes());
    }

    @Test
    void processesAreRememberedWhileTheListIsUnreadable() {
        enter(0, Map.of(10, 100L), Map.of());
        CallFault fault = new CallFault("nvmlDeviceGetComputeRunningProcesses", "UNKNOWN");
        enter(1, new ProcessList.Unreadable(fault), Map.of());
        enter(2, Map.of(), Map.of(10, 900L));
        assertEquals(900L, account(2, "u1").peakBytes());
    }

    /**
     * Enters a sample.
     *
     * @param held bytes by pid; the first digit of the pid is the number of its unit
     */
    private void enter(long second, Map<Integer, Long> held, Map<Integer, Long> ended) {
        List<GpuProcess> processes = held.entrySet().stream()
                .map(entry -> new GpuProcess(entry.getKey(), "", entry.getValue(), Set.of(GpuProcess.Kind.COMPUTE)))
                .toList();
        enter(second, new ProcessList.Known(processes), ended);
    }

    private void enter(long second, ProcessList list, Map<Integer, Long> ended) {
        GpuSample sample = new GpuSample(null, list, List.of(), List.of(), null, null, ended, List.of(), List.of());
        Map<Integer, Resolution> resolutions = list instanceof ProcessList.Known known
                ? known.processes().stream()
                        .map(GpuProcess::pid)
                        .collect(Collectors.toMap(pid -> pid, LedgerPeakTest::unit))
                : Map.of();
        Attribution attribution = Attribution.of(sample, resolutions, ContainerDirectory.NONE);
        ledger.enter(GPU, second * 1_000_000_000L, sample, attribution, SECOND);
    }

    private static Resolution unit(int pid) {
        return new Resolution.Resolved(new Workload.Unit("u" + pid / 10, null), "python3", 0, null);
    }

    private Account account(long second, String name) {
        return LedgerFixture.settled(ledger, GPU, second * 1_000_000_000L).stream()
                .filter(account -> account.usage().labels().workload().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no account for " + name));
    }
}
