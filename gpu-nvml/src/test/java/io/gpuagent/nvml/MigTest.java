package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.MigInstance;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Tests which NVML calls are made for MIG instances, how often they are made, and how irregular results are handled.
 */
class MigTest extends FakeNvmlTest {

    private static final String SCENARIO = """
            device 0 uuid=GPU-a mem_total=80G mig=on power=300 util=40 mem_util=7
            instance 0 slot=0 gi=3 uuid=MIG-a profile=3g.40gb mem_total=39G
            instance 0 slot=3 gi=9 uuid=MIG-b profile=1g.10gb mem_total=9G
            proc 0 pid=100 mem=1G gi=3 ci=0
            proc 0 pid=101 mem=2G gi=9 ci=0
            """;
    private static final String BOARD_LIST_REFUSED = "fault 0 call=nvmlDeviceGetComputeRunningProcesses code=4\n";

    private static List<String> uuids(GpuSample sample) {
        return sample.instances().stream().map(MigInstance::uuid).toList();
    }

    private static List<String> places(GpuSample sample) {
        return processes(sample).stream().map(GpuProcess::mig).toList();
    }

    @Test
    void constantValuesAreReadOnceAndBoardValuesNeverForInstances() throws Exception {
        Gpu gpu = gpus(SCENARIO + "library log=on\n").get(0);
        gpu.read();
        int before = fake.calls().size();
        gpu.read();
        Map<String, Long> ofInstances = fake.calls().stream()
                .skip(before)
                .filter(call -> call.contains("/"))
                .collect(Collectors.groupingBy(
                        call -> call.substring(0, call.indexOf(' ')), TreeMap::new, Collectors.counting()));
        assertEquals(
                Map.of(
                        "nvmlDeviceGetMigDeviceHandleByIndex", 7L,
                        "nvmlDeviceGetUUID", 2L,
                        "nvmlDeviceGetName", 2L,
                        "nvmlDeviceGetMemoryInfo_v2", 2L),
                ofInstances);
    }

    @Test
    void anotherInstanceUnderTheSameHandleIsRecognisedByItsUuidAndProfile() throws Exception {
        Gpu gpu = gpus(SCENARIO).get(0);
        gpu.read();
        fake.play(SCENARIO.replace("gi=9 uuid=MIG-b", "gi=4 uuid=MIG-c"));
        assertEquals("4:0", gpu.read().instances().get(1).mig());
        fake.play(SCENARIO.replace("gi=9 uuid=MIG-b profile=1g.10gb", "gi=4 uuid=MIG-c profile=1g.20gb"));
        assertEquals("1g.20gb", gpu.read().instances().get(1).profile());
    }

    @Test
    void anInstanceRemovedDuringAReadingIsOmittedAndTheBoardIsStillRead() throws Exception {
        for (int code : List.of(1, 2, 6, 15)) {
            GpuSample sample = sampleOf(SCENARIO + "fault 0 slot=0 call=nvmlDeviceGetUUID code=" + code + "\n");
            assertEquals(List.of("MIG-b"), uuids(sample));
            assertEquals(List.of("3:0", "9:0"), places(sample));
            assertEquals(
                    List.of("nvmlDeviceGetUUID"),
                    sample.faults().stream().map(CallFault::function).toList());
            assertEquals(1, backend.enumerate().gpus().size());
        }
    }

    @Test
    void aFailedModeCallDoesNotMakeInstancesDisappear() throws Exception {
        Gpu gpu = gpus(SCENARIO).get(0);
        gpu.read();
        fake.play(SCENARIO + "fault 0 call=nvmlDeviceGetMigMode code=999\n");
        GpuSample sample = gpu.read();
        assertEquals(List.of("3:0", "9:0"), places(sample));
        assertEquals(List.of("MIG-a", "MIG-b"), uuids(sample));
        assertTrue(sample.faults().contains(new CallFault("nvmlDeviceGetMigMode", "UNKNOWN")), sample.toString());
    }

    @Test
    void anInstanceWithoutIdsIsOmitted() throws Exception {
        GpuSample sample = sampleOf(SCENARIO.replace("slot=0 gi=3", "slot=0 gi=-1"));
        assertEquals(List.of("MIG-b"), uuids(sample));
        assertEquals(List.of(new CallFault("nvmlDeviceGetGpuInstanceId", "INVALID_INSTANCE")), sample.faults());
    }

    @Test
    void processesWithoutAnInstanceAreOnTheBoardOnly() throws Exception {
        String none = "proc 0 pid=102 mem=1G\nproc 0 pid=103 mem=1G gi=4294967295 ci=4294967295\n"
                + "proc 0 pid=104 mem=1G gi=3 ci=4294967295\n";
        assertEquals(List.of("3:0", "9:0", "", "", ""), places(sampleOf(SCENARIO + none)));
    }

    @Test
    void anInstancesOwnListBelongsToItEvenIfEntriesLackInstances() throws Exception {
        assertEquals(List.of("3:0", "9:0"), places(sampleOf(SCENARIO + BOARD_LIST_REFUSED + "library stride_v3=16\n")));
        assertEquals(List.of("", ""), places(sampleOf(SCENARIO + "library stride_v3=16\n")));
    }

    @Test
    void graphicsProcessesOfInstancesAreIncluded() throws Exception {
        assertEquals(
                List.of("3:0", "9:0", "9:0"),
                places(sampleOf(SCENARIO + BOARD_LIST_REFUSED + "proc 0 pid=105 mem=1M gi=9 ci=0 list=G\n")));
    }

    @Test
    void aBoardThatRefusesOnlyItsGraphicsListIsReadByItsComputeList() throws Exception {
        GpuSample sample = sampleOf(SCENARIO + "fault 0 call=nvmlDeviceGetGraphicsRunningProcesses code=4\n");
        assertEquals(List.of("3:0", "9:0"), places(sample));
        assertEquals(
                List.of(new CallFault("nvmlDeviceGetGraphicsRunningProcesses_v3", "NO_PERMISSION")), sample.faults());
    }

    @Test
    void theOlderMemoryCallIsUsedIfInstancesDoNotSupportTheNewer() throws Exception {
        GpuSample sample = sampleOf(SCENARIO + "fault 0 slot=* call=nvmlDeviceGetMemoryInfo_v2 code=3\n");
        assertEquals(GpuMemory.Api.V2, sample.memory().api());
        for (MigInstance instance : sample.instances()) {
            assertEquals(GpuMemory.Api.V1, instance.memory().api());
        }
        assertEquals(List.of(), sample.faults());
    }

    @Test
    void impossibleMemoryIsAbsentAndCounted() throws Exception {
        GpuSample sample = sampleOf(SCENARIO.replace("mem_total=9G", "mem_total=9G mem_used=10G"));
        assertNotNull(sample.instances().get(0).memory());
        assertEquals(null, sample.instances().get(1).memory());
        assertEquals(List.of("over_range"), sample.rejections());
    }

    @Test
    void aHungCallForAnInstanceIsNamed() throws Exception {
        Gpu gpu = gpus(SCENARIO).get(0);
        gpu.read();
        fake.play(SCENARIO + "fault 0 slot=3 call=nvmlDeviceGetMemoryInfo hang=on\n");
        CompletableFuture<Void> hanging = CompletableFuture.runAsync(() -> {
            try {
                gpu.read();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!gpu.callInProgress().equals(Optional.of("nvmlDeviceGetMemoryInfo_v2"))) {
            assertTrue(System.nanoTime() < deadline, gpu.callInProgress().toString());
            Thread.sleep(5);
        }
        assertTrue(!hanging.isDone());
        fake.play(SCENARIO);
        hanging.get(20, TimeUnit.SECONDS);
    }

    @Test
    void aLibraryWithoutMigDevicesStillReportsTheInstancesOfProcesses() throws Exception {
        GpuSample sample = sampleOf(SCENARIO + "fault 0 call=nvmlDeviceGetMaxMigDeviceCount code=13\n");
        assertEquals(List.of(), sample.instances());
        assertEquals(List.of("3:0", "9:0"), places(sample));
        assertEquals(List.of(), sample.faults());
    }
}
