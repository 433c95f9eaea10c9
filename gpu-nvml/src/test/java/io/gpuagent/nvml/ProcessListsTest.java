package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.ReturnCode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProcessListsTest extends FakeNvmlTest {

    private static final String COMPUTE = "nvmlDeviceGetComputeRunningProcesses_v3";
    private static final String GRAPHICS = "nvmlDeviceGetGraphicsRunningProcesses_v3";
    private static final String DEVICE = "device 0 uuid=GPU-a mem_total=80G mig=on\n";

    private static String scenario(int processes) {
        return DEVICE
                + IntStream.range(0, processes)
                        .mapToObj(i -> "proc 0 pid=" + (100 + i) + " mem=" + (1 + i) + "M gi=" + i + " ci=0\n")
                        .collect(Collectors.joining());
    }

    private static List<String> rows(GpuSample sample) {
        return processes(sample).stream()
                .map(process -> process.pid() + " " + process.memoryBytes() + " " + process.mig())
                .toList();
    }

    private static List<String> expected(int processes, boolean instances) {
        return IntStream.range(0, processes)
                .mapToObj(i -> (100 + i) + " " + (1L + i << 20) + " " + (instances ? i + ":0" : ""))
                .toList();
    }

    @Test
    void entriesOfEverySizeAreReadWhateverTheirCount() throws Exception {
        for (int size : List.of(16, 24, 32)) {
            for (int processes : List.of(1, 2, 3, 7, 48, 64, 65, 66, 200)) {
                GpuSample sample = sampleOf(scenario(processes) + "library stride_v3=" + size + "\n");
                assertEquals(expected(processes, size >= 24), rows(sample), processes + " entries of " + size);
                assertEquals(List.of(), sample.rejections());
            }
        }
    }

    @Test
    void theEntrySizeIsMeasuredEvenIfTheLibraryClearsTheWholeBuffer() throws Exception {
        for (int size : List.of(16, 24, 32)) {
            for (int processes : List.of(1, 2, 7, 48, 64, 65, 200)) {
                GpuSample sample = sampleOf(scenario(processes) + "library fill=zero stride_v3=" + size + "\n");
                assertEquals(expected(processes, size >= 24), rows(sample), processes + " entries of " + size);
            }
        }
    }

    @Test
    void aListOfThousandsIsReadCompletely() throws Exception {
        assertEquals(expected(3000, true), rows(sampleOf(scenario(3000))));
    }

    @Test
    void anEmptyListIsKnownToBeEmpty() throws Exception {
        assertEquals(List.of(), processes(sampleOf(scenario(0))));
    }

    @Test
    void aListThatGrowsWithEveryCallIsAbandoned() throws Exception {
        long before = fake.calls(COMPUTE);
        GpuSample sample = sampleOf(scenario(2) + "library needed=more log=on\n");
        assertEquals(
                new CallFault(COMPUTE, "INSUFFICIENT_SIZE"), unreadable(sample).fault());
        assertEquals(6, fake.calls(COMPUTE) - before);
    }

    @Test
    void aListOfImpossibleLengthIsAbandonedImmediately() throws Exception {
        GpuSample sample = sampleOf(scenario(2) + "library needed=4294967295\n");
        assertEquals(
                new CallFault(COMPUTE, "INSUFFICIENT_SIZE"), unreadable(sample).fault());
    }

    @Test
    void aCountAboveTheCapacityIsClamped() throws Exception {
        assertEquals(
                expected(65, true),
                rows(sampleOf(scenario(65).replace("gi=", "list=C+G+M gi=") + "library over=1000000\n")));
    }

    @Test
    void aCountThatIncludesUnwrittenEntriesMakesTheListUnreadable() throws Exception {
        assertEquals(
                new CallFault(COMPUTE, "INVALID_LIST"),
                unreadable(sampleOf(scenario(2) + "library over=1\n")).fault());
    }

    @Test
    void anEntryWithAnImpossiblePidIsDroppedAndCounted() throws Exception {
        GpuSample sample = sampleOf(scenario(3) + "proc 0 pid=0 mem=1M\nproc 0 pid=4294967295 mem=1M\n");
        assertEquals(expected(3, true), rows(sample));
        assertEquals(List.of("invalid_pid", "invalid_pid"), sample.rejections());
    }

    @Test
    void aListOfMostlyImpossiblePidsIsInvalid() throws Exception {
        GpuSample sample =
                sampleOf(DEVICE + "proc 0 pid=3735928559 mem=1M\nproc 0 pid=4194305 mem=1M\nproc 0 pid=9 mem=1M\n");
        assertEquals(new CallFault(COMPUTE, "INVALID_LIST"), unreadable(sample).fault());
    }

    @Test
    void theLargestPidOfLinuxIsPossible() throws Exception {
        assertEquals(
                4194304,
                processes(sampleOf(DEVICE + "proc 0 pid=4194304 mem=1M\n"))
                        .get(0)
                        .pid());
    }

    @Test
    void memoryAboveTheDevicesTotalIsUnknownAndCounted() throws Exception {
        GpuSample sample = sampleOf(
                "device 0 uuid=GPU-a mem_total=1M mem_used=1M\nproc 0 pid=9 mem=1048577\nproc 0 pid=10 mem=1048576\nproc 0 pid=11 mem=unknown\n");
        assertEquals(List.of("9 null ", "10 1048576 ", "11 null "), rows(sample));
        assertEquals(
                List.of("over_range"), sample.rejections().stream().distinct().toList());
    }

    @Test
    void instancesAreIgnoredWhileMigIsOff() throws Exception {
        for (String mig : List.of("mig=off", "")) {
            GpuSample sample = sampleOf("device 0 uuid=GPU-a " + mig
                    + "\nproc 0 pid=9 mem=1M gi=3 ci=4\nproc 0 pid=10 mem=1M\nlibrary instances=always\n");
            assertEquals(List.of("9 1048576 ", "10 1048576 "), rows(sample));
        }
    }

    @Test
    void anEmptyGraphicsListIsReadAtEveryFifthSampleAndANonEmptyOneAtEach() throws Exception {
        Gpu gpu = gpus(scenario(1) + "library log=on\n").get(0);
        long before = fake.calls(GRAPHICS);
        readTimes(gpu, 11);
        assertEquals(3, fake.calls(GRAPHICS) - before, "at the 1st, 6th and 11th");
        fake.play(scenario(1) + "proc 0 pid=9 mem=1M list=G\nlibrary log=on\n");
        List<Integer> sizes = readTimes(gpu, 7);
        assertEquals(List.of(1, 1, 1, 1, 2, 2, 2), sizes);
        fake.play(scenario(1) + "library log=on\n");
        assertEquals(List.of(1, 1), readTimes(gpu, 2), "an ended process disappears immediately");
    }

    private static List<Integer> readTimes(Gpu gpu, int times) throws Exception {
        List<Integer> sizes = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            sizes.add(processes(gpu.read()).size());
        }
        return sizes;
    }

    @Test
    void aSecondaryListThatKeepsFailingIsCountedAFewTimesAndHidesNoComputeProcess() throws Exception {
        for (int code : List.of(4, 7, 10, 17, 999)) {
            for (String list : List.of("Graphics", "MPSCompute")) {
                String call = "nvmlDeviceGet" + list + "RunningProcesses";
                Gpu gpu = gpus(scenario(1) + "fault 0 call=" + call + " code=" + code + "\n")
                        .get(0);
                List<CallFault> faults = new ArrayList<>();
                for (int i = 0; i < 40; i++) {
                    GpuSample sample = gpu.read();
                    assertEquals(expected(1, true), rows(sample));
                    faults.addAll(sample.faults());
                }
                CallFault fault = new CallFault(call + "_v3", ReturnCode.name(code));
                assertEquals(List.of(fault, fault, fault), faults);
            }
        }
    }

    @Test
    void aComputeListThatKeepsFailingIsReadAtEverySample() throws Exception {
        CallFault fault = new CallFault(COMPUTE, "UNKNOWN");
        Gpu gpu = gpus(scenario(1) + "fault 0 call=nvmlDeviceGetComputeRunningProcesses code=999\n")
                .get(0);
        for (int i = 0; i < 20; i++) {
            GpuSample sample = gpu.read();
            assertEquals(fault, unreadable(sample).fault());
            assertEquals(List.of(fault), sample.faults());
        }
        fake.play(scenario(1));
        assertEquals(List.of(1), readTimes(gpu, 1));
    }

    @Test
    void anyFailureOfTheNewestFunctionIsReplacedByTheNextOlderOne() throws Exception {
        for (int code : List.of(2, 4, 7, 10, 17, 26, 27, 999)) {
            Gpu gpu = gpus(scenario(2) + "fault 0 call=" + COMPUTE + " code=" + code + "\n")
                    .get(0);
            int faults = 0;
            for (int i = 0; i < 10; i++) {
                GpuSample sample = gpu.read();
                assertEquals(expected(2, true), rows(sample));
                faults += sample.faults().size();
            }
            assertEquals(code == 26 ? 1 : 3, faults, "code " + code);
        }
    }

    @Test
    void aComputeListUnsupportedOnceIsReadAgainAtTheNextSample() throws Exception {
        Gpu gpu = gpus(scenario(1) + "fault 0 call=nvmlDeviceGetComputeRunningProcesses code=3\n")
                .get(0);
        GpuSample sample = gpu.read();
        assertEquals("NOT_SUPPORTED", unreadable(sample).fault().code());
        assertEquals(List.of(), sample.faults());
        fake.play(scenario(1));
        assertEquals(List.of(1), readTimes(gpu, 1));
    }

    @Test
    void aNonEmptyGraphicsListUnsupportedOnceIsReadAgainWithinFiveSamples() throws Exception {
        String graphics = scenario(1) + "proc 0 pid=9 mem=1M list=G\n";
        Gpu gpu = gpus(graphics).get(0);
        assertEquals(List.of(2), readTimes(gpu, 1));
        fake.play(graphics + "fault 0 call=nvmlDeviceGetGraphicsRunningProcesses code=3\n");
        assertEquals(List.of(1), readTimes(gpu, 1));
        fake.play(graphics);
        assertEquals(List.of(1, 1, 1, 1, 2), readTimes(gpu, 5));
    }

    @Test
    void unsupportedListsAreNoFault() throws Exception {
        Gpu gpu = gpus(scenario(1)
                        + "fault 0 call=nvmlDeviceGetGraphicsRunningProcesses code=3\n"
                        + "fault 0 call=nvmlDeviceGetMPSComputeRunningProcesses code=3\nlibrary log=on\n")
                .get(0);
        long before = fake.calls(GRAPHICS);
        GpuSample sample = gpu.read();
        assertEquals(expected(1, true), rows(sample));
        assertEquals(List.of(), sample.faults());
        readTimes(gpu, 20);
        assertEquals(1, fake.calls(GRAPHICS) - before, "called once and remembered");
    }

    @Test
    void aDeviceWithoutAComputeListHasAnUnreadableList() throws Exception {
        GpuSample sample = sampleOf(scenario(1) + "fault 0 call=nvmlDeviceGetComputeRunningProcesses code=3\n");
        assertEquals("NOT_SUPPORTED", unreadable(sample).fault().code());
    }

    @Test
    void theOlderFunctionIsUsedIfTheDriverDoesNotKnowTheNewer() throws Exception {
        GpuSample sample = sampleOf(scenario(2) + "fault 0 call=nvmlDeviceGetComputeRunningProcesses_v3 code=13\n");
        assertEquals(expected(2, true), rows(sample));
    }

    @Test
    void equalRowsAreMerged() throws Exception {
        List<GpuProcess> rows = processes(sampleOf(DEVICE + "proc 0 pid=9 mem=1M\n".repeat(3)));
        assertEquals(1, rows.size());
        assertEquals(
                Collections.nCopies(1, 1L << 20),
                rows.stream().map(GpuProcess::memoryBytes).toList());
    }
}
