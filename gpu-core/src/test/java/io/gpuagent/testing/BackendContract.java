package io.gpuagent.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.BackendUnavailableException;
import io.gpuagent.device.BackendUnavailableException.Reason;
import io.gpuagent.device.CallFault;
import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuBackend;
import io.gpuagent.device.GpuDetail;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuProcess.Kind;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.Inventory;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.Reading;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Tests that every {@link GpuBackend} has when it plays the node of a scenario. */
public abstract class BackendContract extends Contract {

    private static final String TWO = """
            driver version=580.95.05
            device 0 uuid=GPU-a name="Tesla P4" bus=00000000:3B:00.0 mem_total=8G mem_reserved=100M mem_other=10M
            device 0 util=40 mem_util=7 temp=51 power=71.5 power_limit=75
            device 1 uuid=GPU-b mem_total=80G
            proc 0 pid=100 mem=500M cgroup=/a
            proc 1 pid=200 mem=2G cgroup=/b
            """;

    @Test
    void inventoryListsTheGpusByIndexWithTheirIdentities() throws Exception {
        Inventory inventory = play(TWO).enumerate();
        assertEquals("580.95.05", inventory.driverVersion());
        assertEquals(
                List.of(
                        new GpuIdentity(0, "GPU-a", "Tesla P4", "00000000:3B:00.0"),
                        new GpuIdentity(1, "GPU-b", "Simulated GPU", "00000000:01:00.0")),
                inventory.gpus().stream().map(Gpu::identity).toList());
    }

    @Test
    void identityHasTheKnownDetails() throws Exception {
        List<Gpu> gpus = gpus("""
                device 0 uuid=GPU-a name=N bus=B vbios_version=96.00.74.00.1C inforom_version=G520.0200.00.05
                device 0 cuda_version=13.0 compute_capability=9.0 addressing_mode=hmm
                """);
        Map<GpuDetail, String> expected = Map.of(
                GpuDetail.VBIOS_VERSION, "96.00.74.00.1C",
                GpuDetail.INFOROM_VERSION, "G520.0200.00.05",
                GpuDetail.CUDA_VERSION, "13.0",
                GpuDetail.COMPUTE_CAPABILITY, "9.0",
                GpuDetail.ADDRESSING_MODE, "hmm");
        assertEquals(
                new GpuIdentity(0, "GPU-a", "N", "B", expected), gpus.get(0).identity());
    }

    @Test
    void nextInventoryHasAddedDevicesAndLacksRemovedOnes() throws Exception {
        GpuBackend backend = play(TWO);
        assertEquals(2, backend.enumerate().gpus().size());
        change(TWO + "device 2 uuid=GPU-c\n");
        assertEquals("GPU-c", backend.enumerate().gpus().get(2).identity().uuid());
        change("device 0 uuid=GPU-a\n");
        assertEquals(1, backend.enumerate().gpus().size());
    }

    @Test
    void memoryFiguresAddUp() throws Exception {
        GpuMemory memory = sampleOf(TWO).memory();
        assertNotNull(memory);
        assertEquals(8192 * MIB, memory.totalBytes());
        boolean v2 = memory.api() == GpuMemory.Api.V2;
        assertEquals(v2 ? Long.valueOf(100 * MIB) : null, memory.reservedBytes());
        assertEquals((v2 ? 510 : 610) * MIB, memory.usedBytes());
        assertEquals((8192 - 610) * MIB, memory.freeBytes());
    }

    @Test
    void deviceWithoutMemoryFiguresStillHasProcesses() throws Exception {
        GpuSample sample = sampleOf("device 0 uuid=GPU-a\nproc 0 pid=100 mem=500M cgroup=/a\n");
        assertNull(sample.memory());
        assertEquals(List.of(), sample.faults());
        assertEquals(500 * MIB, processes(sample).get(0).memoryBytes());
    }

    @Test
    void processInSeveralListsIsOneRowWithTheLargestMemory() throws Exception {
        GpuSample sample = sampleOf("""
                device 0 uuid=GPU-a mem_total=8G
                proc 0 pid=100 mem=500M list=C cgroup=/a
                proc 0 pid=100 mem=700M list=G cgroup=/a
                proc 0 pid=101 mem=30M list=C+M cgroup=/b
                """);
        assertEquals(
                List.of(
                        new GpuProcess(100, "", 700 * MIB, Set.of(Kind.COMPUTE, Kind.GRAPHICS)),
                        new GpuProcess(101, "", 30 * MIB, Set.of(Kind.COMPUTE, Kind.MPS))),
                processes(sample));
    }

    @Test
    void unavailableProcessMemoryIsUnknownAndNotZero() throws Exception {
        GpuSample sample = sampleOf("device 0 uuid=GPU-a mem_total=8G\nproc 0 pid=100 mem=unknown cgroup=/a\n");
        assertEquals(List.of(new GpuProcess(100, "", null, Set.of(Kind.COMPUTE))), processes(sample));
        assertEquals(List.of(), sample.rejections());
    }

    @Test
    void processOnSeveralDevicesHasSeparateMemoryOnEach() throws Exception {
        List<Gpu> gpus = gpus(TWO + "proc 0 pid=300 mem=1M\nproc 1 pid=300 mem=2M\n");
        assertEquals(MIB, processes(gpus.get(0).read()).get(1).memoryBytes());
        assertEquals(2 * MIB, processes(gpus.get(1).read()).get(1).memoryBytes());
    }

    @Test
    void processOnAMigInstanceHasItsIds() throws Exception {
        GpuSample sample = sampleOf("""
                device 0 uuid=GPU-a mem_total=80G mig=on
                proc 0 pid=100 mem=1G gi=7 ci=0
                proc 0 pid=101 mem=1G
                """);
        assertEquals(
                List.of("7:0", ""),
                processes(sample).stream().map(GpuProcess::mig).toList());
    }

    @Test
    void deviceHasReadingsForSupportedMetricsOnly() throws Exception {
        List<Gpu> gpus = gpus(TWO);
        assertEquals(
                Map.of(
                        DeviceMetric.UTILIZATION, 0.4,
                        DeviceMetric.MEMORY_UTILIZATION, 0.07,
                        DeviceMetric.TEMPERATURE, 51.0,
                        DeviceMetric.POWER, 71.5,
                        DeviceMetric.POWER_LIMIT, 75.0),
                readings(gpus.get(0).read()));
        assertEquals(Map.of(), readings(gpus.get(1).read()));
        assertEquals(List.of(), gpus.get(1).read().faults());
    }

    @Test
    void deviceThatSupportsAllMetricsReportsTheWholeCatalogue() throws Exception {
        GpuSample sample = sampleOf(CatalogueWorld.SCENARIO);
        assertEquals(CatalogueWorld.READINGS, CatalogueWorld.lines(sample.readings()));
        assertEquals(List.of(), sample.faults());
        assertEquals(List.of(), sample.rejections());
        Set<DeviceMetric> reported =
                sample.readings().stream().map(Reading::metric).collect(Collectors.toSet());
        for (DeviceMetric metric : DeviceMetric.values()) {
            assertEquals(metric.tier() != DeviceMetric.Tier.OPT_IN, reported.contains(metric), metric.name());
        }
    }

    @Test
    void failedReadingCostsOnlyItsOwnValue() throws Exception {
        List<Gpu> gpus = gpus(TWO + "fault 0 of=readings/power code=999\n");
        GpuSample sample = gpus.get(0).read();
        assertEquals(List.of("UNKNOWN"), codes(sample));
        assertFalse(readings(sample).containsKey(DeviceMetric.POWER));
        assertEquals(51.0, readings(sample).get(DeviceMetric.TEMPERATURE));
        assertEquals(List.of(), gpus.get(1).read().faults());
    }

    @Test
    void unsupportedReadingIsNotAFault() throws Exception {
        GpuSample sample = sampleOf(TWO + "fault 0 of=readings/power code=3\n");
        assertEquals(List.of(), sample.faults());
        assertFalse(readings(sample).containsKey(DeviceMetric.POWER));
    }

    @Test
    void failedProcessListIsUnreadableAndNotEmpty() throws Exception {
        List<Gpu> gpus = gpus(TWO + "fault 0 of=processes code=4\n");
        GpuSample sample = gpus.get(0).read();
        assertEquals(
                "NO_PERMISSION",
                assertInstanceOf(ProcessList.Unreadable.class, sample.processes())
                        .fault()
                        .code());
        assertNotNull(sample.memory());
        assertEquals(1, processes(gpus.get(1).read()).size());
    }

    @Test
    void failedMemoryIsAbsentAndAFault() throws Exception {
        GpuSample sample = sampleOf(TWO + "fault 0 of=memory code=999\n");
        assertNull(sample.memory());
        assertEquals(Set.of("UNKNOWN"), Set.copyOf(codes(sample)));
        assertEquals(1, processes(sample).size());
    }

    @Test
    void slowDeviceIsReadLate() throws Exception {
        Gpu gpu = gpus(TWO + "fault 0 of=device delay=200ms\n").get(0);
        long start = System.nanoTime();
        assertEquals(1, processes(gpu.read()).size());
        assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(200));
    }

    @Test
    void failedEnumerationIsNotAnEmptyOne() throws Exception {
        GpuBackend backend = play(TWO);
        backend.enumerate();
        change(TWO + "fault * of=enumeration code=999\n");
        assertEquals(
                Reason.FAILED,
                assertThrows(BackendUnavailableException.class, backend::enumerate)
                        .reason());
        change(TWO);
        assertEquals(2, backend.enumerate().gpus().size());
    }

    @Test
    void lostDeviceFailsAloneAndIsReadAgainWhenItComesBack() throws Exception {
        GpuBackend backend = play(TWO);
        backend.enumerate();
        change(TWO + "fault 0 of=device code=15\n");
        List<Gpu> gpus = backend.enumerate().gpus();
        CallFault fault =
                assertThrows(GpuUnavailableException.class, gpus.get(0)::read).fault();
        assertEquals("GPU_IS_LOST", fault.code());
        assertEquals(1, processes(gpus.get(1).read()).size());
        change(TWO);
        assertEquals(1, processes(backend.enumerate().gpus().get(0).read()).size());
    }

    @Test
    void deviceThatCannotBeOpenedIsListedWithoutAnIdentity() throws Exception {
        List<Gpu> gpus = gpus(TWO + "fault 1 of=device code=15\n");
        assertEquals(new GpuIdentity(1, "", "", ""), gpus.get(1).identity());
        assertEquals("GPU_IS_LOST", refusal(gpus.get(1)));
        assertEquals(1, processes(gpus.get(0).read()).size());
    }

    @Test
    void deviceThatIsLostLaterKeepsItsIdentity() throws Exception {
        GpuBackend backend = play(TWO);
        GpuIdentity before = backend.enumerate().gpus().get(1).identity();
        change(TWO + "fault 1 of=device code=16\n");
        Gpu lost = backend.enumerate().gpus().get(1);
        assertEquals(before, lost.identity());
        assertEquals("RESET_REQUIRED", refusal(lost));
    }

    @Test
    void hangingDeviceIsReportedWhileTheOtherDeviceIsRead() throws Exception {
        GpuBackend backend = play(TWO);
        List<Gpu> gpus = backend.enumerate().gpus();
        gpus.get(0).read();
        change(TWO + "fault 0 of=device hang=on\n");
        CompletableFuture<GpuSample> hanging = CompletableFuture.supplyAsync(() -> read(gpus.get(0)));
        await(() -> gpus.get(0).callInProgress().isPresent());
        assertEquals(1, processes(gpus.get(1).read()).size());
        assertEquals(2, backend.enumerate().gpus().size());
        assertFalse(hanging.isDone());
        change(TWO);
        assertEquals(5, readings(hanging.get(20, TimeUnit.SECONDS)).size());
        assertEquals(Optional.empty(), gpus.get(0).callInProgress());
    }

    @Test
    void enumerationFailsUntilTheDriverIsLoaded() throws Exception {
        GpuBackend backend = play("driver version=1 code=9\n" + "device 0 uuid=GPU-a\n");
        for (int attempt = 0; attempt < 3; attempt++) {
            assertEquals(
                    Reason.NO_DRIVER,
                    assertThrows(BackendUnavailableException.class, backend::enumerate)
                            .reason());
        }
        change(TWO);
        assertEquals(2, backend.enumerate().gpus().size());
    }
}
