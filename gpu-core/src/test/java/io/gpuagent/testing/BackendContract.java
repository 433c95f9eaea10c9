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
import io.gpuagent.device.Engine;
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
import io.gpuagent.device.ProcessUtilization;
import io.gpuagent.device.Reading;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link GpuBackend} does with the world that a scenario describes. */
@Timeout(60)
public abstract class BackendContract {

    private static final long MIB = 1L << 20;
    private static final String TWO = """
            driver version=580.95.05
            device 0 uuid=GPU-a name="Tesla P4" bus=00000000:3B:00.0 mem_total=8G mem_reserved=100M mem_other=10M
            device 0 util=40 mem_util=7 temp=51 power=71.5 power_limit=75
            device 1 uuid=GPU-b mem_total=80G
            proc 0 pid=100 mem=500M cgroup=/a
            proc 1 pid=200 mem=2G cgroup=/b
            """;

    private static final String BUSY = """
            device 0 uuid=GPU-a mem_total=8G
            device 1 uuid=GPU-b mem_total=8G
            proc 0 pid=100 mem=1M sm=40
            proc 0 pid=101 mem=1M sm=20
            proc 0 pid=101 list=G sm=50
            proc 0 pid=102 mem=1M
            proc 1 pid=100 mem=1M
            """;

    /** Of the processes that end, one has an account, and others have one that does not tell. */
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

    private GpuBackend opened;

    /** A backend that plays this scenario from its beginning. Closed after the test. */
    protected abstract GpuBackend backend(String scenario);

    /** Has the backend given out last play another scenario from now on. */
    protected abstract void change(String scenario);

    @AfterEach
    final void close() {
        if (opened != null) {
            opened.close();
        }
    }

    private GpuBackend play(String scenario) {
        opened = backend(scenario);
        return opened;
    }

    private List<Gpu> gpus(String scenario) throws BackendUnavailableException {
        return play(scenario).enumerate().gpus();
    }

    private GpuSample sampleOf(String scenario) throws Exception {
        return gpus(scenario).get(0).read();
    }

    @Test
    void theInventoryHasTheDevicesByIndexWithTheirIdentities() throws Exception {
        Inventory inventory = play(TWO).enumerate();
        assertEquals("580.95.05", inventory.driverVersion());
        assertEquals(
                List.of(
                        new GpuIdentity(0, "GPU-a", "Tesla P4", "00000000:3B:00.0"),
                        new GpuIdentity(1, "GPU-b", "Simulated GPU", "00000000:01:00.0")),
                inventory.gpus().stream().map(Gpu::identity).toList());
    }

    @Test
    void detailsAreToldWhereTheyAreKnown() throws Exception {
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
    void aDeviceThatAppearsIsInTheNextInventoryAndOneThatGoesIsNot() throws Exception {
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
    void aDeviceWithoutMemoryFiguresHasProcessesAllTheSame() throws Exception {
        GpuSample sample = sampleOf("device 0 uuid=GPU-a\nproc 0 pid=100 mem=500M cgroup=/a\n");
        assertNull(sample.memory());
        assertEquals(List.of(), sample.faults());
        assertEquals(500 * MIB, processes(sample).get(0).memoryBytes());
    }

    @Test
    void aProcessInSeveralListsIsOneRowWithTheMemoryOfTheLargest() throws Exception {
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
    void memoryTheDriverCannotTellIsUnknownAndNotZero() throws Exception {
        GpuSample sample = sampleOf("device 0 uuid=GPU-a mem_total=8G\nproc 0 pid=100 mem=unknown cgroup=/a\n");
        assertEquals(List.of(new GpuProcess(100, "", null, Set.of(Kind.COMPUTE))), processes(sample));
        assertEquals(List.of(), sample.rejections());
    }

    @Test
    void aProcessOnSeveralDevicesIsOnEachWithItsMemoryThere() throws Exception {
        List<Gpu> gpus = gpus(TWO + "proc 0 pid=300 mem=1M\nproc 1 pid=300 mem=2M\n");
        assertEquals(MIB, processes(gpus.get(0).read()).get(1).memoryBytes());
        assertEquals(2 * MIB, processes(gpus.get(1).read()).get(1).memoryBytes());
    }

    @Test
    void aProcessOnAMigInstanceBearsItsNumbers() throws Exception {
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
    void aDeviceHasAReadingForWhatItOffersAndNoneForTheRest() throws Exception {
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
    void aDeviceTellsEverythingOfTheCatalogueThatItOffers() throws Exception {
        GpuSample sample = sampleOf(CatalogueWorld.SCENARIO);
        assertEquals(CatalogueWorld.READINGS, CatalogueWorld.lines(sample.readings()));
        assertEquals(List.of(), sample.faults());
        assertEquals(List.of(), sample.rejections());
        Set<DeviceMetric> told = sample.readings().stream().map(Reading::metric).collect(Collectors.toSet());
        for (DeviceMetric metric : DeviceMetric.values()) {
            assertEquals(metric.tier() != DeviceMetric.Tier.OPT_IN, told.contains(metric), metric.name());
        }
    }

    @Test
    void aFunctionThatFailsCostsItsValueAndNothingElse() throws Exception {
        List<Gpu> gpus = gpus(TWO + "fault 0 call=nvmlDeviceGetPowerUsage code=999\n");
        GpuSample sample = gpus.get(0).read();
        assertEquals(List.of(new CallFault("nvmlDeviceGetPowerUsage", "UNKNOWN")), sample.faults());
        assertFalse(readings(sample).containsKey(DeviceMetric.POWER));
        assertEquals(51.0, readings(sample).get(DeviceMetric.TEMPERATURE));
        assertEquals(List.of(), gpus.get(1).read().faults());
    }

    @Test
    void aFunctionThatIsNotSupportedIsNoFault() throws Exception {
        GpuSample sample = sampleOf(TWO + "fault 0 call=nvmlDeviceGetPowerUsage code=3\n");
        assertEquals(List.of(), sample.faults());
        assertFalse(readings(sample).containsKey(DeviceMetric.POWER));
    }

    @Test
    void aProcessKeepsADeviceBusyForItsShareOfTheTimeAndWhoIsNotToldOfIsIdle() throws Exception {
        List<Gpu> gpus = gpus(BUSY);
        assertEquals(Map.of(100, 0.4, 101, 0.35), secondUtilization(gpus.get(0)).smRatios());
        assertEquals(0.0, secondUtilization(gpus.get(0)).smRatio(102));
        assertNull(gpus.get(1).read().utilization());
        assertEquals(List.of(), gpus.get(1).read().faults());
    }

    @Test
    void eachPartOfADeviceThatAProcessKeepsBusyIsTold() throws Exception {
        String video =
                "proc 0 pid=104 sm=5 memory_util=6 encoder_util=70 decoder_util=80\nproc 1 pid=104 decoder_util=9\n";
        String newer = "nvmlDeviceGetProcessesUtilizationInfo";
        for (String refused : List.of("nvmlDeviceGetProcessUtilization", newer)) {
            List<Gpu> gpus = gpus(BUSY + video + "fault * call=" + refused + " code=3\n");
            assertEquals(
                    Map.of(Engine.SM, 0.05, Engine.MEMORY, 0.06, Engine.ENCODER, 0.7, Engine.DECODER, 0.8),
                    secondUtilization(gpus.get(0)).of(104));
            assertEquals(0.0, secondUtilization(gpus.get(0)).of(100).get(Engine.ENCODER));
            assertEquals(0.09, secondUtilization(gpus.get(1)).of(104).get(Engine.DECODER));
            close();
        }
    }

    @Test
    void aShareThatExceedsTheWholeCostsThatPartAndNoOther() throws Exception {
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
    void aShareThatExceedsTheWholeIsNotKnownAndCounted() throws Exception {
        Gpu gpu = gpus(BUSY + "proc 0 pid=103 sm=808334905\n").get(0);
        gpu.read();
        GpuSample sample = gpu.read();
        assertNull(sample.utilization().smRatio(103));
        assertEquals(0.4, sample.utilization().smRatio(100));
        assertEquals(List.of("over_range"), sample.rejections());
    }

    @Test
    void noSampleOfAnyProcessMeansThatAllAreIdle() throws Exception {
        String none = "fault 0 call=nvmlDeviceGetProcessesUtilizationInfo code=6\n";
        GpuSample sample = sampleOf(BUSY + none);
        assertEquals(ProcessUtilization.IDLE, sample.utilization());
        assertEquals(List.of(), sample.faults());
    }

    @Test
    void theOlderUtilizationCallAnswersWhereTheNewerIsNotOffered() throws Exception {
        for (int code : List.of(3, 13, 25)) {
            String refused = "fault 0 call=nvmlDeviceGetProcessesUtilizationInfo code=" + code + "\n";
            Gpu gpu = gpus(BUSY + refused).get(0);
            assertEquals(0.4, secondUtilization(gpu).smRatio(100), "code " + code);
            assertEquals(List.of(), gpu.read().faults());
            close();
        }
    }

    @Test
    void theNewerUtilizationCallAnswersWhereTheOlderIsNotOffered() throws Exception {
        Gpu gpu = gpus(BUSY + "fault 0 call=nvmlDeviceGetProcessUtilization code=3\n")
                .get(0);
        assertEquals(0.4, secondUtilization(gpu).smRatio(100));
    }

    @Test
    void utilizationThatIsNotOfferedAtAllIsAbsentAndNoFault() throws Exception {
        Gpu gpu = gpus(BUSY + "fault 0 call=nvmlDeviceGetProcessesUtilizationInfo code=25\n"
                        + "fault 0 call=nvmlDeviceGetProcessUtilization code=3\n")
                .get(0);
        gpu.read();
        assertNull(gpu.read().utilization());
        assertEquals(List.of(), gpu.read().faults());
    }

    @Test
    void utilizationThatFailsIsAbsentAndAFault() throws Exception {
        GpuSample sample = sampleOf(BUSY + "fault 0 call=nvmlDeviceGetProcessesUtilizationInfo code=999\n");
        assertNull(sample.utilization());
        assertEquals(List.of(new CallFault("nvmlDeviceGetProcessesUtilizationInfo", "UNKNOWN")), sample.faults());
    }

    @Test
    void withMigThereIsNoUtilizationAndItIsNotAskedFor() throws Exception {
        Gpu gpu = gpus(BUSY + "device 0 mig=on\nfault 0 call=nvmlDeviceGetProcessesUtilizationInfo code=999\n")
                .get(0);
        gpu.read();
        assertNull(gpu.read().utilization());
        assertEquals(List.of(), gpu.read().faults());
    }

    @Test
    void whereTheDriverKeepsAccountAProcessThatHasGoneTellsTheMostMemoryItHeld() throws Exception {
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
    void aProcessThatHasGoneIsNotAskedForWhereTheDriverKeepsNoAccount() throws Exception {
        String refused = "device 0 accounting=on\nfault 0 call=nvmlDeviceGetAccountingStats code=";
        for (String without : List.of(
                "",
                "device 0 accounting=off\n",
                "device 0 accounting=on mig=on\n",
                refused + "3\n",
                refused + "4\n",
                refused + "6\n")) {
            Gpu gpu = gpus(ENDING + without).get(0);
            assertEquals(List.of(), gpu.read().faults(), without);
            Thread.sleep(400);
            GpuSample sample = gpu.read();
            assertEquals(Map.of(), sample.endedPeakBytes(), without);
            assertEquals(List.of(), sample.faults(), without);
            close();
        }
    }

    @Test
    void anAccountThatFailsIsAFaultAndNothingElse() throws Exception {
        GpuSample sample =
                sampleOf(ENDING + "device 0 accounting=on\nfault 0 call=nvmlDeviceGetAccountingMode code=999\n");
        assertEquals(List.of(new CallFault("nvmlDeviceGetAccountingMode", "UNKNOWN")), sample.faults());
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
        // 500 W on average, and at most 80 J apart from that within a half-period.
        double least = (slept - between) / 1e6 * 0.5 - 80;
        double most = (after - before) / 1e6 * 0.5 + 80;
        assertTrue(used / 1e3 > least && used / 1e3 < most, used + " mJ, not " + least + " to " + most + " J");
    }

    @Test
    void energyOfAPowerThatComesAndGoesIsCountedWhileItIsThere() throws Exception {
        String text = "device 0 uuid=GPU-a power=0\ndevice 0 power=1000 from=100ms until=200ms\n";
        Gpu gpu = gpus(text).get(0);
        Thread.sleep(300);
        assertEquals(100.0, gpu.read().energyMillijoules() / 1e3, 0.01);
        close();
        Gpu again = gpus(text + "cycle 300ms\n").get(0);
        await(() -> read(again).energyMillijoules() > 150_000);
    }

    @Test
    void energyThatIsResetCountsFromNothing() throws Exception {
        Gpu gpu = gpus("device 0 uuid=GPU-a power=10 energy=5000 energy_reset=1s\n")
                .get(0);
        assertTrue(gpu.read().energyMillijoules() >= 5_000_000);
        await(() -> read(gpu).energyMillijoules() < 1_000_000);
    }

    @Test
    void withoutAnEnergyCounterThereIsNoEnergy() throws Exception {
        List<Gpu> gpus = gpus("device 0 uuid=GPU-a\ndevice 1 uuid=GPU-b power=10\n"
                + "fault 1 call=nvmlDeviceGetTotalEnergyConsumption code=3\n");
        for (Gpu gpu : gpus) {
            assertNull(gpu.read().energyMillijoules());
            assertEquals(List.of(), gpu.read().faults());
        }
    }

    @Test
    void aProcessListThatFailsIsUnreadableAndNotEmpty() throws Exception {
        List<Gpu> gpus = gpus(TWO + "fault 0 call=nvmlDeviceGetComputeRunningProcesses code=4\n");
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
    void aGraphicsListThatFailsMakesTheProcessesUnreadableUnlessTheCardHasNone() throws Exception {
        assertNeeded("nvmlDeviceGetGraphicsRunningProcesses");
    }

    @Test
    void anMpsListThatFailsMakesTheProcessesUnreadableUnlessTheCardHasNone() throws Exception {
        assertNeeded("nvmlDeviceGetMPSComputeRunningProcesses");
    }

    private void assertNeeded(String list) throws Exception {
        GpuSample refused = sampleOf(TWO + "fault 0 call=" + list + " code=4\n");
        CallFault fault = assertInstanceOf(ProcessList.Unreadable.class, refused.processes())
                .fault();
        assertEquals("NO_PERMISSION", fault.code());
        assertEquals(List.of(fault), refused.faults());
        close();
        GpuSample without = sampleOf(TWO + "fault 0 call=" + list + " code=3\n");
        assertEquals(1, processes(without).size());
        assertEquals(List.of(), without.faults());
    }

    @Test
    void aLostDeviceCannotBeReadTheOthersCanAndItComesBack() throws Exception {
        GpuBackend backend = play(TWO);
        backend.enumerate();
        change(TWO + "fault 0 call=nvmlDeviceGetMemoryInfo code=15\n");
        List<Gpu> gpus = backend.enumerate().gpus();
        CallFault fault =
                assertThrows(GpuUnavailableException.class, gpus.get(0)::read).fault();
        assertEquals("GPU_IS_LOST", fault.code());
        assertEquals(1, processes(gpus.get(1).read()).size());
        change(TWO);
        assertEquals(1, processes(backend.enumerate().gpus().get(0).read()).size());
    }

    @Test
    void aDeviceThatCannotBeOpenedIsListedWithoutAName() throws Exception {
        List<Gpu> gpus = gpus(TWO + "fault 1 call=nvmlDeviceGetHandleByIndex code=15\n");
        assertEquals(new GpuIdentity(1, "", "", ""), gpus.get(1).identity());
        assertEquals("GPU_IS_LOST", refusal(gpus.get(1)));
        assertEquals(1, processes(gpus.get(0).read()).size());
    }

    @Test
    void aDeviceThatIsLostLaterKeepsItsIdentity() throws Exception {
        GpuBackend backend = play(TWO);
        GpuIdentity before = backend.enumerate().gpus().get(1).identity();
        change(TWO + "fault 1 call=nvmlDeviceGetHandleByIndex code=16\n");
        Gpu lost = backend.enumerate().gpus().get(1);
        assertEquals(before, lost.identity());
        assertEquals("RESET_REQUIRED", refusal(lost));
    }

    @Test
    void aCallThatHangsIsNamedWhileTheOtherDeviceIsRead() throws Exception {
        GpuBackend backend = play(TWO);
        List<Gpu> gpus = backend.enumerate().gpus();
        gpus.get(0).read();
        change(TWO + "fault 0 call=nvmlDeviceGetUtilizationRates hang=on\n");
        CompletableFuture<GpuSample> hanging = CompletableFuture.supplyAsync(() -> read(gpus.get(0)));
        await(() -> gpus.get(0).callInProgress().equals(Optional.of("nvmlDeviceGetUtilizationRates")));
        assertEquals(1, processes(gpus.get(1).read()).size());
        assertEquals(2, backend.enumerate().gpus().size());
        assertFalse(hanging.isDone());
        change(TWO);
        assertEquals(5, readings(hanging.get(20, TimeUnit.SECONDS)).size());
        assertEquals(Optional.empty(), gpus.get(0).callInProgress());
    }

    @Test
    void withoutADriverThereIsNothingToReadUntilItComes() throws Exception {
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

    /** The first reading may not know yet what is new. */
    private static ProcessUtilization secondUtilization(Gpu gpu) throws Exception {
        gpu.read();
        return Objects.requireNonNull(gpu.read().utilization());
    }

    private static String refusal(Gpu gpu) {
        return assertThrows(GpuUnavailableException.class, gpu::read).fault().code();
    }

    private static GpuSample read(Gpu gpu) {
        try {
            return gpu.read();
        } catch (GpuUnavailableException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "it did not come to pass");
            Thread.sleep(5);
        }
    }

    private static List<GpuProcess> processes(GpuSample sample) {
        return assertInstanceOf(ProcessList.Known.class, sample.processes()).processes().stream()
                .sorted(Comparator.comparingInt(GpuProcess::pid))
                .toList();
    }

    private static Map<DeviceMetric, Double> readings(GpuSample sample) {
        return sample.readings().stream().collect(Collectors.toMap(Reading::metric, Reading::value));
    }
}
