package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.BackendUnavailableException;
import io.gpuagent.device.BackendUnavailableException.Reason;
import io.gpuagent.device.CallFault;
import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Replays what NVML returned on machines in public bug reports. */
class ReportedAnswersTest extends FakeNvmlTest {

    private static final int READINGS = 30;

    private static final String BLACKWELL = """
            driver version=580.95.05
            device 0 uuid=GPU-a name="NVIDIA RTX PRO 6000 Blackwell" mem_total=96G mem_used=3G mem_reserved=512M util=50
            device 0 mem_util=20 power=200 energy=1000 temp=50 clock.sm=1410 clock.memory=1593
            proc 0 pid=4242 mem=2G sm=40 memory_util=10
            """;

    private static final GpuMemory BY_OLDER_CALL =
            new GpuMemory(GpuMemory.Api.V1, 96L << 30, (3L << 30) + (512L << 20), (92L << 30) + (512L << 20), null);

    /**
     * Reads the device several times and returns the last sample. By then, functions that keep failing are no longer
     * called.
     */
    private GpuSample settled(String faults, List<CallFault> counted) throws Exception {
        Gpu gpu = gpus(BLACKWELL + faults).get(0);
        GpuSample sample = gpu.read();
        counted.addAll(sample.faults());
        for (int i = 1; i < READINGS; i++) {
            Thread.sleep(1);
            sample = gpu.read();
            assertEquals(
                    List.of(4242),
                    processes(sample).stream().map(GpuProcess::pid).toList());
            counted.addAll(sample.faults());
        }
        assertEquals(List.of(), sample.faults());
        return sample;
    }

    private static String fault(String call, int code) {
        return "fault 0 call=" + call + " code=" + code + "\n";
    }

    private static Map<Integer, Double> smRatios(GpuSample sample) {
        return Objects.requireNonNull(sample.utilization()).smRatios();
    }

    @Test
    void memoryComesFromTheOlderCallIfTheNewerReturnsUnknown() throws Exception {
        List<CallFault> counted = new ArrayList<>();
        GpuSample sample = settled(fault("nvmlDeviceGetMemoryInfo_v2", 999), counted);
        assertEquals(BY_OLDER_CALL, sample.memory());
        assertEquals(List.of(new CallFault("nvmlDeviceGetMemoryInfo_v2", "UNKNOWN")), counted);
        assertEquals(Map.of(4242, 0.4), smRatios(sample));
    }

    @Test
    void wslHasMemoryAndWorkloadsAlthoughMostCallsReturnUnknown() throws Exception {
        List<String> unknown = List.of(
                "nvmlDeviceGetMemoryInfo_v2",
                "nvmlDeviceGetMPSComputeRunningProcesses",
                "nvmlDeviceGetEccMode",
                "nvmlDeviceGetMemoryErrorCounter",
                "nvmlDeviceGetTotalEccErrors",
                "nvmlDeviceGetMigMode",
                "nvmlDeviceRegisterEvents",
                "nvmlDeviceGetProcessUtilization",
                "nvmlDeviceGetProcessesUtilizationInfo");
        StringBuilder faults = new StringBuilder();
        unknown.forEach(call -> faults.append(fault(call, 999)));
        GpuSample sample = settled(faults.toString(), new ArrayList<>());
        assertEquals(BY_OLDER_CALL, sample.memory());
        assertEquals(2L << 30, processes(sample).get(0).memoryBytes());
        assertTrue(sample.readings().contains(new Reading(DeviceMetric.UTILIZATION, 0.5)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"MPSCompute", "Graphics"})
    void aSecondaryListThatReturnsUnknownIsCounted(String list) throws Exception {
        List<CallFault> counted = new ArrayList<>();
        String call = "nvmlDeviceGet" + list + "RunningProcesses";
        settled(fault(call, 999), counted);
        assertEquals(new CallFault(call + "_v3", "UNKNOWN"), counted.get(0));
        assertEquals(3, counted.size());
    }

    @ParameterizedTest
    @CsvSource({"26, 1", "999, 3"})
    void sharesComeFromTheOlderCallIfTheNewerFails(int code, int times) throws Exception {
        List<CallFault> counted = new ArrayList<>();
        assertEquals(
                Map.of(4242, 0.4), smRatios(settled(fault("nvmlDeviceGetProcessesUtilizationInfo", code), counted)));
        assertEquals(times, counted.size());
    }

    @Test
    void aDeprecatedFunctionIsCountedOnceAndItsSuccessorUsed() throws Exception {
        List<CallFault> counted = new ArrayList<>();
        String temperature = "fault 0 call=nvmlDeviceGetTemperature exact=on code=26\n";
        GpuSample sample = settled(
                "device 0 clock_violation.thermal=2.5\n" + temperature + fault("nvmlDeviceGetViolationStatus", 26)
                        + fault("nvmlDeviceGetNvLinkErrorCounter", 26),
                counted);
        assertTrue(sample.readings().contains(new Reading(DeviceMetric.TEMPERATURE, 50)));
        assertTrue(sample.readings().contains(new Reading(DeviceMetric.CLOCK_VIOLATION, List.of("thermal"), 2.5)));
        assertEquals(
                List.of("nvmlDeviceGetNvLinkErrorCounter", "nvmlDeviceGetViolationStatus"),
                counted.stream().map(CallFault::function).sorted().toList());
    }

    @ParameterizedTest
    @CsvSource({
        "12.570.133.20, 0",
        "12.575.57.08,  251",
        "13.580.65.06,  251",
        "13.580.76.05,  0",
        "13.580.82.07,  269",
        "13.580.95.05,  269",
        "13.590.44.01,  269",
        "'',            0"
    })
    void fieldsThatMovedAreReadByTheLibrarysVersion(String version, int first) throws Exception {
        String former = " field.251=3:5000000000 field.252=3:6000000000 field.253=3:7000000000";
        String latter = " field.269=3:1000000000 field.270=3:2000000000 field.271=3:3000000000";
        GpuSample sample = sampleOf("device 0 uuid=GPU-a\nlibrary nvml_version=" + version + former + latter + "\n");
        Map<Integer, List<Double>> seconds =
                Map.of(0, List.of(), 251, List.of(5.0, 6.0, 7.0), 269, List.of(1.0, 2.0, 3.0));
        assertEquals(seconds.get(first), throttled(sample));
    }

    @Test
    void settingsOfPowerSmoothingAreNotSecondsOfThrottling() throws Exception {
        String r575 = "library nvml_version=12.575.57.08 field.251=3:5000000000 field.252=3:6000000000"
                + " field.253=3:7000000000 field.269=1:2 field.270=1:50 field.271=1:100000000\n";
        assertEquals(List.of(5.0, 6.0, 7.0), throttled(sampleOf("device 0 uuid=GPU-a\n" + r575)));
    }

    private static List<Double> throttled(GpuSample sample) {
        return sample.readings().stream()
                .filter(reading -> reading.metric() == DeviceMetric.CLOCK_EVENT_TIME)
                .map(Reading::value)
                .toList();
    }

    @Test
    void ifNoGpuIsBoundToTheDriverThatIsSaid() {
        BackendUnavailableException none =
                assertThrows(BackendUnavailableException.class, () -> gpus("driver version=580.95.05 code=28\n"));
        assertEquals(Reason.NO_GPU, none.reason());
        assertEquals(
                "no GPU is bound to NVIDIA's driver: nvmlInit_v2 returned GPU_NOT_FOUND (" + fake.library() + ")",
                none.getMessage());
    }
}
