package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.MetricGroup;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.device.Reading;
import io.gpuagent.nvml.FakeNvml.Variant;
import io.gpuagent.nvml.binding.Gpm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests the sampling of activity metrics (GPM). The stand-in library aborts the process if two GPM calls run at the
 * same time.
 */
class ActivitySamplerIT extends FakeNvmlTest {

    private static final String SAMPLE = "nvmlGpmSampleGet";
    private static final String BUSY = "device 0 uuid=GPU-a temp=40 gpm_sm_utilization=31.5\n";
    private static final String TWO = BUSY + "device 1 uuid=GPU-b temp=50 gpm_tensor_utilization=12.5\n";
    private static final String LOG = "library log=on\n";

    @TempDir
    private Path other;

    @Test
    void everyMetricOfTheGroupIsReadInItsUnit() throws Exception {
        Gpu gpu = selected("""
                device 0 uuid=GPU-a gpm_graphics_utilization=1 gpm_sm_utilization=2 gpm_sm_occupancy=3 gpm_integer_utilization=4
                device 0 gpm_tensor_utilization=5 gpm_memory_bandwidth_utilization=10 gpm_fp64_utilization=11
                device 0 gpm_fp32_utilization=12 gpm_fp16_utilization=100 gpm_pcie_transmit=20M gpm_pcie_receive=21M
                device 0 gpm_nvlink_receive=60G gpm_nvlink_transmit=61G
                """).get(0);
        awaitTrue(() -> !activity(gpu).isEmpty());
        Map<String, Double> values = activity(gpu);
        assertEquals(
                "{gpu_gpm_fp16_utilization_ratio=1.0, gpu_gpm_fp32_utilization_ratio=0.12, gpu_gpm_fp64_utilization_ratio=0.11,"
                        + " gpu_gpm_graphics_utilization_ratio=0.01, gpu_gpm_integer_utilization_ratio=0.04,"
                        + " gpu_gpm_memory_bandwidth_utilization_ratio=0.1,"
                        + " gpu_gpm_nvlink_receive_bytes_per_second=6.442450944E10,"
                        + " gpu_gpm_nvlink_transmit_bytes_per_second=6.5498251264E10,"
                        + " gpu_gpm_pcie_receive_bytes_per_second=2.2020096E7,"
                        + " gpu_gpm_pcie_transmit_bytes_per_second=2.097152E7, gpu_gpm_sm_occupancy_ratio=0.03,"
                        + " gpu_gpm_sm_utilization_ratio=0.02, gpu_gpm_tensor_utilization_ratio=0.05}",
                values.toString());
        assertEquals(
                Arrays.stream(DeviceMetric.values())
                        .filter(metric -> metric.group() == MetricGroup.GPM)
                        .toList()
                        .size(),
                Gpm.VALUES.size());
    }

    @Test
    void anImpossibleValueIsCountedOnceAndAnUnsupportedOneIsAbsent() throws Exception {
        Gpu gpu = selected("device 0 uuid=GPU-a gpm_sm_utilization=100.5 gpm_sm_occupancy=50\n")
                .get(0);
        List<String> rejections = new ArrayList<>();
        awaitTrue(() -> {
            GpuSample sample = read(gpu);
            rejections.addAll(sample.rejections());
            return !sample.readings().isEmpty();
        });
        assertEquals(Map.of("gpu_gpm_sm_occupancy_ratio", 0.5), activity(gpu));
        rejections.addAll(read(gpu).rejections());
        assertEquals(List.of("over_range"), rejections);
    }

    @Test
    void nothingIsCalledUnlessTheGroupIsSelected() throws Exception {
        Gpu gpu = gpus(BUSY + LOG).get(0);
        int before = gpmCalls().size();
        Thread.sleep(1500);
        assertEquals(Map.of(), activity(gpu));
        assertEquals(before, gpmCalls().size());
    }

    @Test
    void aDeviceWithoutGpmIsQueriedOnceAndHasNoFault() throws Exception {
        int before = gpmCalls().size();
        Gpu gpu = selected("device 0 uuid=GPU-a temp=40\n" + LOG).get(0);
        Thread.sleep(2500);
        assertEquals(List.of(), read(gpu).faults());
        assertEquals(Map.of(), activity(gpu));
        assertEquals(
                List.of("nvmlGpmQueryDeviceSupport 0"),
                gpmCalls().stream().skip(before).toList());
    }

    @Test
    void nothingIsCalledIfTheLibraryLacksOneOfTheFunctions() throws Exception {
        try (Probe probe = Probe.start(FakeNvml.build(Variant.DRIVER_580, other, "nvmlGpmMetricsGet")
                .play(BUSY)
                .library())) {
            probe.sample();
            Thread.sleep(2500);
            assertTrue(probe.sample().get(0).contains("readings=[TEMPERATURE=40.0] faults=[]"));
        }
    }

    @Test
    void twoBackendsOnManyDevicesMakeOneCallAtATime() throws Exception {
        String slow = TWO + "device 2 uuid=GPU-c gpm_sm_occupancy=3\n" + "fault * call=" + SAMPLE + " delay=250ms\n";
        List<Gpu> gpus = new ArrayList<>(selected(slow));
        try (NvmlBackend second = new NvmlBackend(options())) {
            gpus.addAll(second.enumerate().gpus());
            for (Gpu gpu : gpus) {
                awaitTrue(() -> !activity(gpu).isEmpty());
            }
            Thread.sleep(2000);
        }
    }

    @Test
    void aHungCallCostsDevicesOnlyTheirActivity() throws Exception {
        List<Gpu> gpus = selected(TWO);
        for (Gpu gpu : gpus) {
            awaitTrue(() -> !activity(gpu).isEmpty());
        }
        fake.play(TWO + "fault 0 call=" + SAMPLE + " hang=on\n");
        for (Gpu gpu : gpus) {
            awaitTrue(() -> activity(gpu).isEmpty());
            assertEquals(1, read(gpu).readings().size());
        }
        fake.play(TWO);
        for (Gpu gpu : gpus) {
            awaitTrue(() -> !activity(gpu).isEmpty());
        }
    }

    @Test
    void aFailedCallIsAFaultOfItsDeviceAndIsRetried() throws Exception {
        List<Gpu> gpus = selected(TWO + "fault 0 call=" + SAMPLE + " code=999\n");
        List<CallFault> faults = new ArrayList<>();
        awaitTrue(() -> {
            faults.addAll(read(gpus.get(0)).faults());
            return !faults.isEmpty();
        });
        assertEquals(List.of(new CallFault(SAMPLE, "UNKNOWN")), faults);
        awaitTrue(() -> !activity(gpus.get(1)).isEmpty());
        assertEquals(List.of(), read(gpus.get(1)).faults());
        fake.play(TWO);
        awaitTrue(() -> !activity(gpus.get(0)).isEmpty());
    }

    @Test
    void activityIsAbsentWithMigAndReturnsWithoutIt() throws Exception {
        Gpu gpu = selected(BUSY + "device 0 mig=off\n").get(0);
        awaitTrue(() -> !activity(gpu).isEmpty());
        fake.play(BUSY + "device 0 mig=on\n");
        assertEquals(Map.of(), activity(gpu));
        Thread.sleep(1500);
        assertEquals(List.of(), read(gpu).faults());
        fake.play(BUSY + "device 0 mig=off\n");
        awaitTrue(() -> !activity(gpu).isEmpty());
    }

    @Test
    void afterADriverReloadActivityReturnsAndAllSamplesAreFreed() throws Exception {
        long before = fake.calls("nvmlGpmSampleAlloc") - fake.calls("nvmlGpmSampleFree");
        selected(TWO + LOG);
        awaitTrue(() -> fake.calls("nvmlGpmSampleAlloc") - fake.calls("nvmlGpmSampleFree") == before + 4);
        fake.play(TWO + "library log=on reload=1\n");
        Gpu gpu = backend.enumerate().gpus().get(0);
        awaitTrue(() -> !activity(gpu).isEmpty());
        backend.close();
        assertEquals(before, fake.calls("nvmlGpmSampleAlloc") - fake.calls("nvmlGpmSampleFree"));
    }

    private List<Gpu> selected(String scenario) throws Exception {
        backend.close();
        fake.play(scenario);
        backend = opened.add(new NvmlBackend(options()));
        return backend.enumerate().gpus();
    }

    private static NvmlBackend.Options options() {
        return new NvmlBackend.Options()
                .withLibrary(fake.library())
                .withSelection(MetricSelection.DEFAULT.withGroups(Set.of(MetricGroup.GPM)));
    }

    private static List<String> gpmCalls() {
        return fake.calls().stream().filter(call -> call.startsWith("nvmlGpm")).toList();
    }

    private static Map<String, Double> activity(Gpu gpu) {
        Map<String, Double> activity = new TreeMap<>();
        for (Reading reading : read(gpu).readings()) {
            if (reading.metric().group() == MetricGroup.GPM) {
                activity.put(reading.metric().exposedName(), Math.rint(reading.value() * 1e9) / 1e9);
            }
        }
        return activity;
    }

    private static GpuSample read(Gpu gpu) {
        try {
            return gpu.read();
        } catch (GpuUnavailableException e) {
            throw new IllegalStateException(e);
        }
    }
}
