package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.Engine;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.ProcessUtilization;
import io.gpuagent.nvml.FakeNvml.Variant;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests how utilization samples per process are read from drivers that deviate from nvml.h. */
class UtilizationTest extends FakeNvmlTest {

    private static final String NEWER = "nvmlDeviceGetProcessesUtilizationInfo";
    private static final String OLDER = "nvmlDeviceGetProcessUtilization";
    private static final String BUSY = """
            device 0 uuid=GPU-a
            device 1 uuid=GPU-b
            proc 0 pid=100 mem=1M sm=40
            proc 1 pid=100 mem=1M sm=7
            proc 1 pid=101 mem=1M sm=9
            """;

    @Test
    void theFirstCallOnlyEstablishesTheNewestTimestamp() throws Exception {
        Gpu gpu = gpus(BUSY).get(0);
        assertNull(gpu.read().utilization());
        assertEquals(Map.of(100, 0.4), sm(gpu));
    }

    @Test
    void eachDeviceHasItsOwnNewestTimestampSharedByItsProcesses() throws Exception {
        List<Gpu> gpus = gpus(BUSY);
        for (Gpu gpu : gpus) {
            gpu.read();
        }
        for (int i = 0; i < 3; i++) {
            assertEquals(Map.of(100, 0.4), sm(gpus.get(0)));
            assertEquals(Map.of(100, 0.07, 101, 0.09), sm(gpus.get(1)));
        }
    }

    @Test
    void samplesOlderThanRequestedAreIgnored() throws Exception {
        for (String call : List.of(NEWER, OLDER)) {
            Gpu gpu = gpus(BUSY + "library util_ring=on\n" + refuse(call.equals(NEWER) ? OLDER : NEWER))
                    .get(0);
            gpu.read();
            for (int i = 0; i < 3; i++) {
                assertEquals(Map.of(100, 0.4), sm(gpu), call);
            }
        }
    }

    @Test
    void anIdleDeviceIsIdleEvenIfItsRingIsFull() throws Exception {
        List<Gpu> gpus = gpus(BUSY + "library util_ring=on\n");
        Gpu gpu = gpus.get(0);
        gpu.read();
        fake.play(BUSY.replace("sm=40", "sm=0") + "library util_ring=on\n");
        assertEquals(ProcessUtilization.IDLE, gpu.read().utilization());
    }

    @Test
    void aRingLongerThanTheBufferIsReadIntoALargerOne() throws Exception {
        for (String call : List.of(NEWER, OLDER)) {
            Gpu gpu = gpus(BUSY + "library util_needed=4096\n" + refuse(call.equals(NEWER) ? OLDER : NEWER))
                    .get(0);
            gpu.read();
            assertEquals(Map.of(100, 0.4), sm(gpu), call);
        }
    }

    @Test
    void aRingOfImpossibleSizeIsAFault() throws Exception {
        GpuSample sample = sampleOf(BUSY + "library util_needed=400000000\n");
        assertNull(sample.utilization());
        assertEquals(NEWER, sample.faults().get(0).function());
    }

    @Test
    void aClockThatCountsFromBootWorksToo() throws Exception {
        Gpu gpu = gpus(BUSY + "library util_clock=boot\n").get(0);
        gpu.read();
        assertEquals(Map.of(100, 0.4), sm(gpu));
        assertEquals(Map.of(100, 0.4), sm(gpu));
    }

    @Test
    void aClockThatWasSetBackIsDetectedAfterThirtySeconds() throws Exception {
        fake.play(BUSY);
        backend = opened.add(NvmlBackend.withLibrary(fake.library()));
        NvmlGpu gpu = (NvmlGpu) backend.enumerate().gpus().get(0);
        AtomicLong now = new AtomicLong();
        ProcessUtilizations utilizations = new ProcessUtilizations(gpu.calls, now::get);
        assertNull(read(utilizations));
        assertEquals(Map.of(100, 0.4), read(utilizations).smRatios());
        fake.play(BUSY + "library util_step=-3600\n");
        now.addAndGet(TimeUnit.SECONDS.toNanos(29));
        assertEquals(ProcessUtilization.IDLE, read(utilizations));
        now.addAndGet(TimeUnit.SECONDS.toNanos(2));
        assertNull(read(utilizations));
        assertEquals(Map.of(100, 0.4), read(utilizations).smRatios());
    }

    private static ProcessUtilization read(ProcessUtilizations utilizations) throws Exception {
        Thread.sleep(1);
        return utilizations.read(false, new ReadProblems());
    }

    @Test
    void aCallThatWritesNothingYieldsNoUtilization() throws Exception {
        Gpu gpu = gpus(BUSY + "library mute=" + NEWER + "\n").get(0);
        gpu.read();
        assertNull(gpu.read().utilization());
    }

    @Test
    void anUnsupportedCallIsNotRepeatedAtEverySample() throws Exception {
        String refusing = BUSY + "library log=on\nfault 0 call=" + NEWER + " code=25\n";
        Gpu gpu = gpus(refusing).get(0);
        long before = fake.calls(NEWER);
        for (int i = 0; i < 5; i++) {
            gpu.read();
        }
        assertEquals(1, fake.calls(NEWER) - before);
        assertEquals(Map.of(100, 0.4), sm(gpu));
    }

    @Test
    void anyFailureOfTheNewerCallIsReplacedByTheOlderOne() throws Exception {
        for (int code : List.of(2, 4, 10, 17, 26, 27, 999)) {
            Gpu gpu = gpus(BUSY + "fault 0 call=" + NEWER + " code=" + code + "\n")
                    .get(0);
            gpu.read();
            for (int i = 0; i < 5; i++) {
                assertEquals(Map.of(100, 0.4), sm(gpu), "code " + code);
            }
            assertEquals(List.of(), gpu.read().faults());
        }
    }

    @Test
    void withMigOnNeitherCallIsMade() throws Exception {
        Gpu gpu = gpus(BUSY + "device 0 mig=on\nlibrary log=on\n").get(0);
        long before = fake.calls(NEWER) + fake.calls(OLDER);
        gpu.read();
        assertEquals(before, fake.calls(NEWER) + fake.calls(OLDER));
    }

    @Test
    void energyThatTheDriverDoesNotWriteIsRejected() throws Exception {
        GpuSample sample = sampleOf("device 0 uuid=GPU-a power=10\nlibrary mute=nvmlDeviceGetTotalEnergyConsumption\n");
        assertNull(sample.energyMillijoules());
        assertTrue(sample.rejections().contains("over_range"));
    }

    @Test
    void callsThatTheLibraryLacksAreNotMade(@TempDir Path own) {
        try (Probe probe =
                Probe.start(FakeNvml.build(Variant.DRIVER_580, own, NEWER, OLDER, "nvmlDeviceGetTotalEnergyConsumption")
                        .play(BUSY)
                        .library())) {
            probe.sample();
            assertTrue(probe.sample().get(0).endsWith("faults=[] rejections=[]"));
        }
    }

    @Test
    void theOlderCallIsUsedBeforeR550(@TempDir Path own) {
        try (Probe probe =
                Probe.start(FakeNvml.build(Variant.DRIVER_470, own).play(BUSY).library())) {
            probe.sample();
            assertTrue(probe.sample().get(0).endsWith(" sm={100=0.4}"));
        }
    }

    @Test
    void everyEngineIsReadWithEitherCall() throws Exception {
        String video = "proc 0 pid=104 sm=5 memory_util=6 encoder_util=70 decoder_util=80\n";
        for (String refused : List.of(OLDER, NEWER)) {
            Gpu gpu = gpus(BUSY + video + refuse(refused)).get(0);
            gpu.read();
            Thread.sleep(1);
            assertEquals(
                    Map.of(Engine.SM, 0.05, Engine.MEMORY, 0.06, Engine.ENCODER, 0.7, Engine.DECODER, 0.8),
                    gpu.read().utilization().of(104),
                    "without " + refused);
        }
    }

    @Test
    void allProcessesAreIdleIfThereAreNoSamples() throws Exception {
        GpuSample sample = sampleOf(BUSY + "fault 0 call=" + NEWER + " code=6\n");
        assertEquals(ProcessUtilization.IDLE, sample.utilization());
        assertEquals(List.of(), sample.faults());
    }

    @Test
    void theOlderCallIsUsedIfTheNewerOneIsUnsupported() throws Exception {
        for (int code : List.of(3, 13, 25)) {
            Gpu gpu = gpus(BUSY + "fault 0 call=" + NEWER + " code=" + code + "\n")
                    .get(0);
            gpu.read();
            assertEquals(Map.of(100, 0.4), sm(gpu), "code " + code);
            assertEquals(List.of(), gpu.read().faults());
        }
    }

    @Test
    void aFailureOfTheNewerCallIsAFaultAndTheOlderOneIsNotUsed() throws Exception {
        GpuSample sample = sampleOf(BUSY + "fault 0 call=" + NEWER + " code=999\n");
        assertNull(sample.utilization());
        assertEquals(List.of(new CallFault(NEWER, "UNKNOWN")), sample.faults());
    }

    private static String refuse(String call) {
        return "fault * call=" + call + " code=3\n";
    }

    private static Map<Integer, Double> sm(Gpu gpu) throws Exception {
        Thread.sleep(1);
        return gpu.read().utilization().smRatios();
    }
}
