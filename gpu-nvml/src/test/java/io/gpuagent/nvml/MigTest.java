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

/** What is asked of MIG instances through NVML, how often, and what each of its traps comes to. */
class MigTest extends FakeNvmlTest {

    private static final String WORLD = """
            device 0 uuid=GPU-a mem_total=80G mig=on power=300 util=40 mem_util=7
            instance 0 slot=0 gi=3 uuid=MIG-a profile=3g.40gb mem_total=39G
            instance 0 slot=3 gi=9 uuid=MIG-b profile=1g.10gb mem_total=9G
            proc 0 pid=100 mem=1G gi=3 ci=0
            proc 0 pid=101 mem=2G gi=9 ci=0
            """;
    private static final String REFUSED = "fault 0 call=nvmlDeviceGetComputeRunningProcesses code=4\n";

    private static List<String> uuids(GpuSample sample) {
        return sample.instances().stream().map(MigInstance::uuid).toList();
    }

    private static List<String> places(GpuSample sample) {
        return processes(sample).stream().map(GpuProcess::mig).toList();
    }

    @Test
    void whatDoesNotChangeIsAskedOnceAndNothingThatIsTheBoards() throws Exception {
        Gpu gpu = gpus(WORLD + "library log=on\n").get(0);
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
    void anotherInstanceUnderTheSameHandleIsNoticedByItsUuidAndByItsProfile() throws Exception {
        Gpu gpu = gpus(WORLD).get(0);
        gpu.read();
        fake.play(WORLD.replace("gi=9 uuid=MIG-b", "gi=4 uuid=MIG-c"));
        assertEquals("4:0", gpu.read().instances().get(1).mig());
        fake.play(WORLD.replace("gi=9 uuid=MIG-b profile=1g.10gb", "gi=4 uuid=MIG-c profile=1g.20gb"));
        assertEquals("1g.20gb", gpu.read().instances().get(1).profile());
    }

    @Test
    void anInstanceThatIsRemovedWhileItIsReadIsLeftOutAndTheBoardIsReadAllTheSame() throws Exception {
        for (int code : List.of(1, 2, 6, 15)) {
            GpuSample sample = sampleOf(WORLD + "fault 0 slot=0 call=nvmlDeviceGetUUID code=" + code + "\n");
            assertEquals(List.of("MIG-b"), uuids(sample));
            assertEquals(List.of("3:0", "9:0"), places(sample));
            assertEquals(
                    List.of("nvmlDeviceGetUUID"),
                    sample.faults().stream().map(CallFault::function).toList());
            assertEquals(1, backend.enumerate().gpus().size());
        }
    }

    @Test
    void aModeThatIsNotToldOnceDoesNotMakeInstancesVanish() throws Exception {
        Gpu gpu = gpus(WORLD).get(0);
        gpu.read();
        fake.play(WORLD + "fault 0 call=nvmlDeviceGetMigMode code=999\n");
        GpuSample sample = gpu.read();
        assertEquals(List.of("3:0", "9:0"), places(sample));
        assertEquals(List.of("MIG-a", "MIG-b"), uuids(sample));
        assertTrue(sample.faults().contains(new CallFault("nvmlDeviceGetMigMode", "UNKNOWN")), sample.toString());
    }

    @Test
    void anInstanceWithoutNumbersIsNoInstance() throws Exception {
        GpuSample sample = sampleOf(WORLD.replace("slot=0 gi=3", "slot=0 gi=-1"));
        assertEquals(List.of("MIG-b"), uuids(sample));
        assertEquals(List.of(new CallFault("nvmlDeviceGetGpuInstanceId", "INVALID_INSTANCE")), sample.faults());
    }

    @Test
    void processesOfNoInstanceAreOnTheBoardAlone() throws Exception {
        String none = "proc 0 pid=102 mem=1G\nproc 0 pid=103 mem=1G gi=4294967295 ci=4294967295\n"
                + "proc 0 pid=104 mem=1G gi=3 ci=4294967295\n";
        assertEquals(List.of("3:0", "9:0", "", "", ""), places(sampleOf(WORLD + none)));
    }

    @Test
    void anInstancesOwnListIsOfItAlsoWhereTheDriverDoesNotTellInstances() throws Exception {
        assertEquals(List.of("3:0", "9:0"), places(sampleOf(WORLD + REFUSED + "library stride_v3=16\n")));
        assertEquals(List.of("", ""), places(sampleOf(WORLD + "library stride_v3=16\n")));
    }

    @Test
    void graphicsProcessesOfInstancesAreFoundToo() throws Exception {
        assertEquals(
                List.of("3:0", "9:0", "9:0"),
                places(sampleOf(WORLD + REFUSED + "proc 0 pid=105 mem=1M gi=9 ci=0 list=G\n")));
    }

    @Test
    void aBoardThatRefusesItsGraphicsListAloneIsReadByItsInstances() throws Exception {
        GpuSample sample = sampleOf(WORLD + "fault 0 call=nvmlDeviceGetGraphicsRunningProcesses code=4\n");
        assertEquals(List.of("3:0", "9:0"), places(sample));
        assertEquals(List.of(), sample.faults());
    }

    @Test
    void theOlderMemoryCallAnswersWhereTheNewerIsNotOfferedForInstances() throws Exception {
        GpuSample sample = sampleOf(WORLD + "fault 0 slot=* call=nvmlDeviceGetMemoryInfo_v2 code=3\n");
        assertEquals(GpuMemory.Api.V2, sample.memory().api());
        for (MigInstance instance : sample.instances()) {
            assertEquals(GpuMemory.Api.V1, instance.memory().api());
        }
        assertEquals(List.of(), sample.faults());
    }

    @Test
    void aMemoryFigureThatCannotBeIsAbsentAndCounted() throws Exception {
        GpuSample sample = sampleOf(WORLD.replace("mem_total=9G", "mem_total=9G mem_used=10G"));
        assertNotNull(sample.instances().get(0).memory());
        assertEquals(null, sample.instances().get(1).memory());
        assertEquals(List.of("over_range"), sample.rejections());
    }

    @Test
    void aCallForAnInstanceThatHangsIsNamed() throws Exception {
        Gpu gpu = gpus(WORLD).get(0);
        gpu.read();
        fake.play(WORLD + "fault 0 slot=3 call=nvmlDeviceGetMemoryInfo hang=on\n");
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
        fake.play(WORLD);
        hanging.get(20, TimeUnit.SECONDS);
    }

    @Test
    void aLibraryWithoutMigDevicesTellsProcessesWithTheirInstancesAllTheSame() throws Exception {
        GpuSample sample = sampleOf(WORLD + "fault 0 call=nvmlDeviceGetMaxMigDeviceCount code=13\n");
        assertEquals(List.of(), sample.instances());
        assertEquals(List.of("3:0", "9:0"), places(sample));
        assertEquals(List.of(), sample.faults());
    }
}
