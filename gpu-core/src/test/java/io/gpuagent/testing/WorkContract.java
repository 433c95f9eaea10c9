package io.gpuagent.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.Engine;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuBackend;
import io.gpuagent.device.GpuSample;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Tests how every {@link GpuBackend} reports the work of a scenario's processes: utilization, energy and lifetime
 * memory peaks.
 */
public abstract class WorkContract extends Contract {

    private static final String BUSY = """
            device 0 uuid=GPU-a mem_total=8G
            device 1 uuid=GPU-b mem_total=8G
            proc 0 pid=100 mem=1M sm=40
            proc 0 pid=101 mem=1M sm=20
            proc 0 pid=101 list=G sm=50
            proc 0 pid=102 mem=1M
            proc 1 pid=100 mem=1M
            """;

    /** Of the processes that end, only pid 100 has a lifetime peak. */
    private static final String ENDING = """
            device 0 uuid=GPU-a mem_total=8G
            device 1 uuid=GPU-b mem_total=8G
            proc 0 pid=100 mem=1G accounted=3G until=300ms
            proc 0 pid=101 mem=1G accounted=0 until=300ms
            proc 0 pid=102 mem=1G accounted=unknown until=300ms
            proc 0 pid=103 mem=1G until=300ms
            proc 0 pid=104 mem=1G accounted=4G
            proc 1 pid=100 mem=1G accounted=2G until=300ms
            """;

    @Test
    void utilizationIsPerProcessAndAProcessWithoutSamplesIsIdle() throws Exception {
        List<Gpu> gpus = gpus(BUSY);
        assertEquals(Map.of(100, 0.4, 101, 0.35), secondUtilization(gpus.get(0)).smRatios());
        assertEquals(0.0, secondUtilization(gpus.get(0)).smRatio(102));
        assertNull(gpus.get(1).read().utilization());
        assertEquals(List.of(), gpus.get(1).read().faults());
    }

    @Test
    void utilizationOfEveryEngineIsReported() throws Exception {
        String video =
                "proc 0 pid=104 sm=5 memory_util=6 encoder_util=70 decoder_util=80\nproc 1 pid=104 decoder_util=9\n";
        List<Gpu> gpus = gpus(BUSY + video);
        assertEquals(
                Map.of(Engine.SM, 0.05, Engine.MEMORY, 0.06, Engine.ENCODER, 0.7, Engine.DECODER, 0.8),
                secondUtilization(gpus.get(0)).of(104));
        assertEquals(0.0, secondUtilization(gpus.get(0)).of(100).get(Engine.ENCODER));
        assertEquals(0.09, secondUtilization(gpus.get(1)).of(104).get(Engine.DECODER));
    }

    @Test
    void utilizationAboveOneHundredPercentIsDiscardedForThatEngineOnly() throws Exception {
        Gpu gpu = gpus(BUSY + "proc 0 pid=103 sm=101 memory_util=808334905 encoder_util=100\n")
                .get(0);
        gpu.read();
        GpuSample sample = gpu.read();
        assertEquals(
                Map.of(Engine.ENCODER, 1.0, Engine.DECODER, 0.0),
                sample.utilization().of(103));
        assertEquals(List.of("over_range", "over_range"), sample.rejections());
    }

    @Test
    void utilizationAboveOneHundredPercentIsUnknownAndCountedAsRejected() throws Exception {
        Gpu gpu = gpus(BUSY + "proc 0 pid=103 sm=808334905\n").get(0);
        gpu.read();
        GpuSample sample = gpu.read();
        assertNull(sample.utilization().smRatio(103));
        assertEquals(0.4, sample.utilization().smRatio(100));
        assertEquals(List.of("over_range"), sample.rejections());
    }

    @Test
    void unsupportedUtilizationIsAbsentAndNotAFault() throws Exception {
        Gpu gpu = gpus(BUSY + "fault 0 of=utilization code=3\n").get(0);
        gpu.read();
        assertNull(gpu.read().utilization());
        assertEquals(List.of(), gpu.read().faults());
    }

    @Test
    void failedUtilizationIsAbsentAndAFault() throws Exception {
        GpuSample sample = sampleOf(BUSY + "fault 0 of=utilization code=999\n");
        assertNull(sample.utilization());
        assertEquals(Set.of("UNKNOWN"), Set.copyOf(codes(sample)));
    }

    @Test
    void utilizationIsNotQueriedWithMig() throws Exception {
        Gpu gpu = gpus(BUSY + "device 0 mig=on\nfault 0 of=utilization code=999\n")
                .get(0);
        gpu.read();
        assertNull(gpu.read().utilization());
        assertEquals(List.of(), gpu.read().faults());
    }

    @Test
    void lifetimePeakOfAnEndedProcessIsReportedWithAccountingMode() throws Exception {
        List<Gpu> gpus = gpus(ENDING + "device 0 accounting=on\ndevice 1 accounting=on\n");
        for (Gpu gpu : gpus) {
            assertEquals(Map.of(), gpu.read().endedPeakBytes());
        }
        Thread.sleep(400);
        assertEquals(Map.of(100, 3072 * MIB), gpus.get(0).read().endedPeakBytes());
        assertEquals(Map.of(100, 2048 * MIB), gpus.get(1).read().endedPeakBytes());
        assertEquals(Map.of(), gpus.get(0).read().endedPeakBytes());
    }

    @Test
    void lifetimePeakIsAbsentWithoutAccountingMode() throws Exception {
        for (String without : List.of(
                "",
                "device 0 accounting=off\n",
                "device 0 accounting=on mig=on\n",
                "device 0 accounting=on\nfault 0 of=accounting code=3\n")) {
            Gpu gpu = gpus(ENDING + without).get(0);
            assertEquals(List.of(), gpu.read().faults(), without);
            Thread.sleep(400);
            GpuSample sample = gpu.read();
            assertEquals(Map.of(), sample.endedPeakBytes(), without);
            assertEquals(List.of(), sample.faults(), without);
        }
    }

    @Test
    void failedAccountingCallIsAFaultAndAffectsNothingElse() throws Exception {
        GpuSample sample = sampleOf(ENDING + "device 0 accounting=on\nfault 0 of=accounting code=999\n");
        assertEquals(Set.of("UNKNOWN"), Set.copyOf(codes(sample)));
        assertEquals(5, processes(sample).size());
    }

    @Test
    void energyIsTheIntegralOfThePower() throws Exception {
        Gpu gpu = gpus("device 0 uuid=GPU-a power=100..900/200ms energy=5000\n").get(0);
        long before = System.nanoTime();
        long first = gpu.read().energyMillijoules();
        assertTrue(first >= 5_000_000, "counts from " + first);
        long between = System.nanoTime();
        Thread.sleep(400);
        long slept = System.nanoTime();
        long used = gpu.read().energyMillijoules() - first;
        long after = System.nanoTime();
        // The power is 500 W on average. Within half a period, the energy differs by at most 80 J from the average.
        double least = (slept - between) / 1e6 * 0.5 - 80;
        double most = (after - before) / 1e6 * 0.5 + 80;
        assertTrue(used / 1e3 > least && used / 1e3 < most, used + " mJ, expected " + least + " to " + most + " J");
    }

    @Test
    void energyIsCountedOnlyWhileThePowerStatementIsActive() throws Exception {
        String text = "device 0 uuid=GPU-a power=0\ndevice 0 power=1000 from=100ms until=200ms\n";
        Gpu gpu = gpus(text).get(0);
        Thread.sleep(300);
        assertEquals(100.0, gpu.read().energyMillijoules() / 1e3, 0.01);
        Gpu again = gpus(text + "cycle 300ms\n").get(0);
        await(() -> read(again).energyMillijoules() > 150_000);
    }

    @Test
    void energyCounterStartsAtZeroAfterAReset() throws Exception {
        Gpu gpu = gpus("device 0 uuid=GPU-a power=10 energy=5000 energy_reset=1s\n")
                .get(0);
        assertTrue(gpu.read().energyMillijoules() >= 5_000_000);
        await(() -> read(gpu).energyMillijoules() < 1_000_000);
    }

    @Test
    void energyIsAbsentWithoutACounter() throws Exception {
        List<Gpu> gpus = gpus("device 0 uuid=GPU-a\ndevice 1 uuid=GPU-b power=10\n" + "fault 1 of=energy code=3\n");
        for (Gpu gpu : gpus) {
            assertNull(gpu.read().energyMillijoules());
            assertEquals(List.of(), gpu.read().faults());
        }
    }
}
