package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
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

    private static String world(int processes) {
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
    void entriesOfEverySizeAreReadWhateverTheirNumber() throws Exception {
        for (int size : List.of(16, 24, 32)) {
            for (int processes : List.of(1, 2, 3, 7, 48, 64, 65, 66, 200)) {
                GpuSample sample = sampleOf(world(processes) + "library stride_v3=" + size + "\n");
                assertEquals(expected(processes, size >= 24), rows(sample), processes + " entries of " + size);
                assertEquals(List.of(), sample.rejections());
            }
        }
    }

    @Test
    void aLibraryThatClearsTheWholeBufferIsMeasuredAllTheSame() throws Exception {
        for (int size : List.of(16, 24, 32)) {
            for (int processes : List.of(1, 2, 7, 48, 64, 65, 200)) {
                GpuSample sample = sampleOf(world(processes) + "library fill=zero stride_v3=" + size + "\n");
                assertEquals(expected(processes, size >= 24), rows(sample), processes + " entries of " + size);
            }
        }
    }

    @Test
    void aListOfThousandsIsReadWhole() throws Exception {
        assertEquals(expected(3000, true), rows(sampleOf(world(3000))));
    }

    @Test
    void anEmptyListIsKnownToBeEmpty() throws Exception {
        assertEquals(List.of(), processes(sampleOf(world(0))));
    }

    @Test
    void aListThatGrowsWithEveryCallIsGivenUp() throws Exception {
        long before = fake.calls(COMPUTE);
        GpuSample sample = sampleOf(world(2) + "library needed=more log=on\n");
        assertEquals(
                new CallFault(COMPUTE, "INSUFFICIENT_SIZE"), unreadable(sample).fault());
        assertEquals(6, fake.calls(COMPUTE) - before);
    }

    @Test
    void aListThatNeedsMoreThanAnyMachineHasIsGivenUpAtOnce() throws Exception {
        GpuSample sample = sampleOf(world(2) + "library needed=4294967295\n");
        assertEquals(
                new CallFault(COMPUTE, "INSUFFICIENT_SIZE"), unreadable(sample).fault());
    }

    @Test
    void aCountAboveWhatWasOfferedIsNotBelieved() throws Exception {
        assertEquals(
                expected(65, true),
                rows(sampleOf(world(65).replace("gi=", "list=C+G+M gi=") + "library over=1000000\n")));
    }

    @Test
    void aCountOfEntriesThatWereNeverWrittenMakesTheListUnreadable() throws Exception {
        assertEquals(
                new CallFault(COMPUTE, "INVALID_LIST"),
                unreadable(sampleOf(world(2) + "library over=1\n")).fault());
    }

    @Test
    void anEntryWithAnImpossiblePidIsLeftOutAndCounted() throws Exception {
        GpuSample sample = sampleOf(world(3) + "proc 0 pid=0 mem=1M\nproc 0 pid=4294967295 mem=1M\n");
        assertEquals(expected(3, true), rows(sample));
        assertEquals(List.of("invalid_pid", "invalid_pid"), sample.rejections());
    }

    @Test
    void aListOfMostlyImpossiblePidsIsNoList() throws Exception {
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
    void memoryAboveTheDevicesIsUnknownAndCounted() throws Exception {
        GpuSample sample = sampleOf(
                "device 0 uuid=GPU-a mem_total=1M mem_used=1M\nproc 0 pid=9 mem=1048577\nproc 0 pid=10 mem=1048576\nproc 0 pid=11 mem=unknown\n");
        assertEquals(List.of("9 null ", "10 1048576 ", "11 null "), rows(sample));
        assertEquals(
                List.of("over_range"), sample.rejections().stream().distinct().toList());
    }

    @Test
    void instancesAreNotBelievedWhileMigIsOff() throws Exception {
        for (String mig : List.of("mig=off", "")) {
            GpuSample sample = sampleOf("device 0 uuid=GPU-a " + mig
                    + "\nproc 0 pid=9 mem=1M gi=3 ci=4\nproc 0 pid=10 mem=1M\nlibrary instances=always\n");
            assertEquals(List.of("9 1048576 ", "10 1048576 "), rows(sample));
        }
    }

    @Test
    void anEmptyGraphicsListIsReadEveryFifthTimeAndAFullOneEveryTime() throws Exception {
        Gpu gpu = gpus(world(1) + "library log=on\n").get(0);
        long before = fake.calls(GRAPHICS);
        readTimes(gpu, 11);
        assertEquals(3, fake.calls(GRAPHICS) - before, "at the 1st, 6th and 11th");
        fake.play(world(1) + "proc 0 pid=9 mem=1M list=G\nlibrary log=on\n");
        List<Integer> sizes = readTimes(gpu, 7);
        assertEquals(List.of(1, 1, 1, 1, 2, 2, 2), sizes);
        fake.play(world(1) + "library log=on\n");
        assertEquals(List.of(1, 1), readTimes(gpu, 2), "a process that left is gone at once");
    }

    private static List<Integer> readTimes(Gpu gpu, int times) throws Exception {
        List<Integer> sizes = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            sizes.add(processes(gpu.read()).size());
        }
        return sizes;
    }

    @Test
    void whileAGraphicsListFailsTheWholeIsUnreadable() throws Exception {
        CallFault fault = new CallFault(GRAPHICS, "NO_PERMISSION");
        Gpu gpu = gpus(world(1) + "fault 0 call=nvmlDeviceGetGraphicsRunningProcesses code=4\n")
                .get(0);
        for (int i = 0; i < 7; i++) {
            GpuSample sample = gpu.read();
            assertEquals(fault, unreadable(sample).fault());
            assertEquals(List.of(fault), sample.faults());
        }
        fake.play(world(1));
        assertEquals(List.of(1, 1), readTimes(gpu, 2));
    }

    @Test
    void aComputeListThatIsNotSupportedForOnceIsBackAtTheNextReading() throws Exception {
        Gpu gpu = gpus(world(1) + "fault 0 call=nvmlDeviceGetComputeRunningProcesses code=3\n")
                .get(0);
        GpuSample sample = gpu.read();
        assertEquals("NOT_SUPPORTED", unreadable(sample).fault().code());
        assertEquals(List.of(), sample.faults());
        fake.play(world(1));
        assertEquals(List.of(1), readTimes(gpu, 1));
    }

    @Test
    void aGraphicsListThatHadProcessesAndIsNotSupportedForOnceIsBackSoon() throws Exception {
        String graphics = world(1) + "proc 0 pid=9 mem=1M list=G\n";
        Gpu gpu = gpus(graphics).get(0);
        assertEquals(List.of(2), readTimes(gpu, 1));
        fake.play(graphics + "fault 0 call=nvmlDeviceGetGraphicsRunningProcesses code=3\n");
        assertEquals(List.of(1), readTimes(gpu, 1));
        fake.play(graphics);
        assertEquals(List.of(1, 1, 1, 1, 2), readTimes(gpu, 5));
    }

    @Test
    void listsThatTheCardDoesNotOfferAreNoFault() throws Exception {
        Gpu gpu = gpus(world(1)
                        + "fault 0 call=nvmlDeviceGetGraphicsRunningProcesses code=3\n"
                        + "fault 0 call=nvmlDeviceGetMPSComputeRunningProcesses code=3\nlibrary log=on\n")
                .get(0);
        long before = fake.calls(GRAPHICS);
        GpuSample sample = gpu.read();
        assertEquals(expected(1, true), rows(sample));
        assertEquals(List.of(), sample.faults());
        readTimes(gpu, 20);
        assertEquals(1, fake.calls(GRAPHICS) - before, "asked once and remembered");
    }

    @Test
    void aCardWithoutAComputeListHasNoKnownProcesses() throws Exception {
        GpuSample sample = sampleOf(world(1) + "fault 0 call=nvmlDeviceGetComputeRunningProcesses code=3\n");
        assertEquals("NOT_SUPPORTED", unreadable(sample).fault().code());
    }

    @Test
    void aNewerFunctionThatTheDriverDoesNotKnowGivesWayToTheOlder() throws Exception {
        GpuSample sample = sampleOf(world(2) + "fault 0 call=nvmlDeviceGetComputeRunningProcesses_v3 code=13\n");
        assertEquals(expected(2, true), rows(sample));
    }

    @Test
    void equalRowsAreOne() throws Exception {
        List<GpuProcess> rows = processes(sampleOf(DEVICE + "proc 0 pid=9 mem=1M\n".repeat(3)));
        assertEquals(1, rows.size());
        assertEquals(
                Collections.nCopies(1, 1L << 20),
                rows.stream().map(GpuProcess::memoryBytes).toList());
    }
}
