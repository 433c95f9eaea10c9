package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuSample;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests which accounting record is used as the peak memory of an ended process. */
class EndedProcessesTest extends FakeNvmlTest {

    private static final long GIB = 1L << 30;
    private static final String DEVICE = "device 0 uuid=GPU-a mem_total=8G accounting=on\nlibrary log=on restart=";
    private static final String MODE = "nvmlDeviceGetAccountingMode";
    private static final String STATS = "nvmlDeviceGetAccountingStats";

    @Test
    void theRecordOfAnEarlierProcessWithThePidIsNotUsed() throws Exception {
        String earlier = "proc 0 pid=100 accounted=5G until=1ms\n";
        String ours = "proc 0 pid=100 from=1ms until=300ms";
        assertEquals(Map.of(), ended("a", earlier + ours + "\n"));
        assertEquals(Map.of(100, 2 * GIB), ended("b", earlier + ours + " accounted=2G\n"));
    }

    @Test
    void theRecordOfALaterProcessWithThePidIsNotUsed() throws Exception {
        String ours = "proc 0 pid=100 accounted=5G until=300ms\n";
        assertEquals(Map.of(), ended("c", ours + "proc 0 pid=100 accounted=2G from=300ms until=310ms\n"));
    }

    @Test
    void moreMemoryThanTheDeviceHasIsRejectedAndCounted() throws Exception {
        Gpu gpu = gpus(DEVICE + "d\nproc 0 pid=100 accounted=9G until=300ms\n").get(0);
        gpu.read();
        Thread.sleep(400);
        GpuSample sample = gpu.read();
        assertEquals(Map.of(), sample.endedPeakBytes());
        assertEquals(List.of("over_range"), sample.rejections());
    }

    @Test
    void recordsAreReadOnlyWhenProcessesStartOrEnd() throws Exception {
        long modes = fake.calls(MODE);
        long stats = fake.calls(STATS);
        Gpu gpu = gpus(DEVICE + "e\nproc 0 pid=100\nproc 0 pid=101\n").get(0);
        for (int i = 0; i < 5; i++) {
            gpu.read();
        }
        assertEquals(List.of(1L, 2L), List.of(fake.calls(MODE) - modes, fake.calls(STATS) - stats));
        fake.play(DEVICE + "e\nproc 0 pid=101\n");
        gpu.read();
        gpu.read();
        assertEquals(List.of(2L, 3L), List.of(fake.calls(MODE) - modes, fake.calls(STATS) - stats));
    }

    @Test
    void anUnreadableListEndsNoProcess() throws Exception {
        String scenario = DEVICE + "f\nproc 0 pid=100 accounted=1G until=300ms\n";
        Gpu gpu = gpus(scenario).get(0);
        gpu.read();
        fake.play(scenario + "fault 0 call=nvmlDeviceGetComputeRunningProcesses code=999\n");
        assertEquals(Map.of(), gpu.read().endedPeakBytes());
        fake.play(scenario);
        Thread.sleep(400);
        assertEquals(Map.of(100, GIB), gpu.read().endedPeakBytes());
    }

    @Test
    void refusedRecordsAreNotAFault() throws Exception {
        for (int code : List.of(3, 4, 6)) {
            String refused = "fault 0 call=" + STATS + " code=" + code + "\n";
            Gpu gpu = gpus(DEVICE + "g" + code + "\nproc 0 pid=100 accounted=1G until=300ms\n" + refused)
                    .get(0);
            assertEquals(List.of(), gpu.read().faults(), refused);
            Thread.sleep(400);
            GpuSample sample = gpu.read();
            assertEquals(Map.of(), sample.endedPeakBytes(), refused);
            assertEquals(List.of(), sample.faults(), refused);
        }
    }

    @Test
    void aFailedModeIsAFaultAndAffectsNothingElse() throws Exception {
        GpuSample sample = sampleOf(DEVICE + "h\nproc 0 pid=100\nfault 0 call=" + MODE + " code=999\n");
        assertEquals(List.of(new CallFault(MODE, "UNKNOWN")), sample.faults());
        assertEquals(1, processes(sample).size());
    }

    private Map<Integer, Long> ended(String restart, String processes) throws Exception {
        Gpu gpu = gpus(DEVICE + restart + "\n" + processes).get(0);
        Thread.sleep(10);
        gpu.read();
        Thread.sleep(400);
        return gpu.read().endedPeakBytes();
    }
}
