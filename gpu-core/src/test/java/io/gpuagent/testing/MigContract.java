package io.gpuagent.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuBackend;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.MigInstance;
import io.gpuagent.device.ProcessList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests that every {@link GpuBackend} has for GPUs with MIG instances. */
public abstract class MigContract extends Contract {

    private static final long GIB = 1L << 30;

    private static final String SPARSE = """
            device 0 uuid=GPU-a mem_total=80G mem_reserved=1G mem_other=1G mig=on
            instance 0 slot=0 gi=3 uuid=MIG-a profile=3g.40gb mem_total=39G mem_reserved=1G
            instance 0 slot=3 gi=9 uuid=MIG-b profile=1g.10gb mem_total=9G mem_used=512M
            instance 0 slot=5 gi=13 uuid=MIG-c profile=1g.10gb+me
            proc 0 pid=100 mem=4G gi=3 ci=0
            proc 0 pid=101 mem=2G gi=9 ci=0
            proc 0 pid=100 mem=1G gi=9 ci=0
            """;

    private static final String ALL_ROWS = "[100 3:0 4, 101 9:0 2, 100 9:0 1]";

    private Gpu gpu(String scenario) throws Exception {
        return gpus(scenario).get(0);
    }

    @Test
    void allInstancesAreReportedWithTheirMemoryIncludingIdleOnesAndThoseAfterEmptySlots() throws Exception {
        GpuSample sample = sampleOf(SPARSE);
        assertEquals(
                List.of("3:0 MIG-a 3g.40gb", "9:0 MIG-b 1g.10gb", "13:0 MIG-c 1g.10gb+me"), names(sample.instances()));
        GpuMemory first = sample.instances().get(0).memory();
        assertEquals(new GpuMemory(GpuMemory.Api.V2, 39 * GIB, 4 * GIB, 34 * GIB, GIB), first);
        assertEquals(GIB / 2, sample.instances().get(1).memory().usedBytes());
        assertNull(sample.instances().get(2).memory());
        assertEquals(List.of(), sample.faults());
        assertEquals(List.of(), sample.rejections());
    }

    @Test
    void processOnTwoInstancesIsListedOnBothAndTheBoardHasTheSum() throws Exception {
        GpuSample sample = sampleOf(SPARSE);
        assertEquals(ALL_ROWS, rows(sample).toString());
        assertEquals(8 * GIB, sample.memory().usedBytes());
    }

    @Test
    void computeInstancesOfAGpuInstanceShareItsMemory() throws Exception {
        GpuSample sample = sampleOf("""
                device 0 uuid=GPU-a mem_total=80G mig=on
                instance 0 slot=0 gi=1 ci=0 uuid=MIG-a profile=1c.3g.40gb mem_total=39G
                instance 0 slot=1 gi=1 ci=1 uuid=MIG-b profile=2c.3g.40gb mem_total=39G
                proc 0 pid=100 mem=1G gi=1 ci=0
                proc 0 pid=101 mem=2G gi=1 ci=1
                """);
        assertEquals(List.of("1:0 MIG-a 1c.3g.40gb", "1:1 MIG-b 2c.3g.40gb"), names(sample.instances()));
        for (MigInstance instance : sample.instances()) {
            assertEquals("3g.40gb", instance.gpuInstanceProfile());
            assertEquals(3 * GIB, instance.memory().usedBytes());
        }
    }

    @Test
    void boardWithMigDisabledHasNoInstances() throws Exception {
        Gpu gpu = gpu(SPARSE.replace("mig=on", "mig=off"));
        assertEquals(List.of(), gpu.read().instances());
        change(SPARSE);
        assertEquals(3, gpu.read().instances().size());
        change(SPARSE.replace("mig=on", "mig=off"));
        assertEquals(List.of(), gpu.read().instances());
    }

    @Test
    void reconfigurationIsSeenAtTheNextRead() throws Exception {
        Gpu gpu = gpu(SPARSE);
        gpu.read();
        change("""
                device 0 uuid=GPU-a mem_total=80G mig=on
                instance 0 slot=0 gi=3 uuid=MIG-new profile=2g.20gb mem_total=19G
                instance 0 slot=5 gi=13 uuid=MIG-c profile=1g.20gb
                """);
        GpuSample sample = gpu.read();
        assertEquals(List.of("3:0 MIG-new 2g.20gb", "13:0 MIG-c 1g.20gb"), names(sample.instances()));
        assertEquals(0, sample.instances().get(0).memory().usedBytes());
        assertEquals(List.of(), sample.faults());
    }

    @Test
    void failedProcessListHidesTheProcessesButNotTheInstances() throws Exception {
        GpuSample sample = sampleOf(SPARSE + "fault 0 of=processes code=4\n");
        assertInstanceOf(ProcessList.Unreadable.class, sample.processes());
        assertEquals(Set.of("NO_PERMISSION"), Set.copyOf(codes(sample)));
        assertEquals(3, sample.instances().size());
    }

    @Test
    void failedMemoryIsAbsentFromTheInstances() throws Exception {
        for (MigInstance instance :
                sampleOf(SPARSE + "fault 0 of=memory code=999\n").instances()) {
            assertNull(instance.memory());
        }
    }

    private static List<String> names(List<MigInstance> instances) {
        return instances.stream()
                .map(instance -> instance.mig() + " " + instance.uuid() + " " + instance.profile())
                .toList();
    }

    private static List<String> rows(GpuSample sample) {
        return assertInstanceOf(ProcessList.Known.class, sample.processes()).processes().stream()
                .map(MigContract::row)
                .toList();
    }

    private static String row(GpuProcess process) {
        return process.pid() + " " + process.mig() + " " + process.memoryBytes() / GIB;
    }
}
