package io.gpuagent.nvml.binding;

import static io.gpuagent.device.DeviceMetric.*;
import static io.gpuagent.nvml.binding.Arguments.NUMBER64;
import static io.gpuagent.nvml.binding.Arguments.numbers;
import static io.gpuagent.nvml.binding.Arguments.structure;
import static org.bytedeco.cuda.global.nvml.*;

import io.gpuagent.nvml.binding.ReadTable.Value;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.cuda.nvml.nvmlMarginTemperature_v1_t;
import org.bytedeco.cuda.nvml.nvmlTemperature_v1_t;
import org.bytedeco.cuda.nvml.nvmlUtilization_t;
import org.bytedeco.cuda.nvml.nvmlViolationTime_t;

/** Rows for a device's utilization, clocks, temperatures and power. Codes, bits and layouts: {@code nvml.h}. */
final class PerformanceRows extends ReadTableRows {

    /** The values of {@code nvmlTemperatureThresholds_t}, from 0 on; also the order of the margin fields. */
    private static final List<String> THRESHOLDS = List.of("shutdown", "slowdown", "memory_max", "gpu_max");

    /** The values of {@code nvmlPerfPolicyType_t}, from 0 on; also the order of the policy fields. */
    private static final List<String> POLICIES =
            List.of("power", "thermal", "sync_boost", "board_limit", "low_utilization", "reliability");

    PerformanceRows() {
        basic();
        video();
        clocks();
        slowdowns();
        temperatures();
        power();
        fans();
    }

    private void basic() {
        row(
                "nvmlDeviceGetUtilizationRates",
                structure(nvmlUtilization_t.class),
                new Value(UTILIZATION, 0, PERCENT),
                new Value(MEMORY_UTILIZATION, 4, PERCENT));
        Arguments ofGpu = structure(nvmlTemperature_v1_t.class).withHeader(12 | 1 << 24, NVML_TEMPERATURE_GPU);
        row("nvmlDeviceGetTemperatureV", ofGpu, new Value(TEMPERATURE, 8, Conversion::celsius));
        // Deprecated since CUDA 13, but the only call before R570.
        Arguments sensor = numbers(1).withCode(NVML_TEMPERATURE_GPU);
        row("nvmlDeviceGetTemperature", sensor, new Value(TEMPERATURE, 0, Conversion::celsius));
        number("nvmlDeviceGetPowerUsage", POWER, MILLIWATTS);
        number("nvmlDeviceGetEnforcedPowerLimit", POWER_LIMIT, MILLIWATTS);
    }

    private void video() {
        firstOfTwo("nvmlDeviceGetEncoderUtilization", ENCODER_UTILIZATION, PERCENT);
        firstOfTwo("nvmlDeviceGetDecoderUtilization", DECODER_UTILIZATION, PERCENT);
        firstOfTwo("nvmlDeviceGetJpgUtilization", JPEG_UTILIZATION, PERCENT);
        firstOfTwo("nvmlDeviceGetOfaUtilization", OFA_UTILIZATION, PERCENT);
        row(
                "nvmlDeviceGetEncoderStats",
                numbers(3),
                new Value(ENCODER_SESSIONS, 0, COUNT),
                new Value(ENCODER_FRAME_RATE, 4, COUNT),
                new Value(ENCODER_LATENCY, 8, Conversion.upTo(0xFFFF_FFFEL, 1e-6)));
    }

    private void clocks() {
        List<List<String>> domains = List.of(List.of("graphics", "sm", "memory", "video"));
        rowPerCode("nvmlDeviceGetClockInfo", numbers(1), new Value(CLOCK, 0, MEGAHERTZ), domains);
        rowPerCode("nvmlDeviceGetMaxClockInfo", numbers(1), new Value(CLOCK_MAX, 0, MEGAHERTZ), domains);
        row("nvmlDeviceGetCurrentClocksEventReasons", NUMBER64, reasons());
        row("nvmlDeviceGetCurrentClocksThrottleReasons", NUMBER64, reasons());
        number("nvmlDeviceGetPerformanceState", PERFORMANCE_STATE, Conversion::performanceState);
    }

    private void slowdowns() {
        // Reference time at 0, violation time in nanoseconds at 8.
        Value time = new Value(CLOCK_VIOLATION, 8, Conversion.count64(1e-9));
        rowPerCode("nvmlDeviceGetViolationStatus", structure(nvmlViolationTime_t.class), time, List.of(POLICIES));
        Conversion nanoseconds = Conversion.field(Long.MAX_VALUE, 1e-9);
        // Replaces nvmlDeviceGetViolationStatus, which CUDA 14 removes (nvml.h).
        fields(nanoseconds, consecutive(0, NVML_FI_DEV_PERF_POLICY_POWER, CLOCK_VIOLATION, POLICIES));
        fields(
                nanoseconds,
                reason(NVML_FI_DEV_PERF_POLICY_POWER, "sw_power_cap"),
                reason(NVML_FI_DEV_PERF_POLICY_SYNC_BOOST, "sync_boost"),
                reason(NVML_FI_DEV_CLOCKS_EVENT_REASON_SW_THERM_SLOWDOWN, "sw_thermal_slowdown"),
                reason(NVML_FI_DEV_CLOCKS_EVENT_REASON_HW_THERM_SLOWDOWN, "hw_thermal_slowdown"),
                reason(NVML_FI_DEV_CLOCKS_EVENT_REASON_HW_POWER_BRAKE_SLOWDOWN, "hw_power_brake_slowdown"));
    }

    private static Field reason(int id, String label) {
        return new Field(0, id, CLOCK_EVENT_TIME, label);
    }

    /** The bits from {@code nvmlClocksEventReasonNone} on, lowest first. */
    private static Value[] reasons() {
        List<String> names = List.of(
                "gpu_idle",
                "applications_clocks_setting",
                "sw_power_cap",
                "hw_slowdown",
                "sync_boost",
                "sw_thermal_slowdown",
                "hw_thermal_slowdown",
                "hw_power_brake_slowdown",
                "display_clock_setting");
        Stream<Value> known = IntStream.range(0, names.size())
                .mapToObj(bit -> new Value(CLOCK_EVENT, 0, Conversion.anyOf(1L << bit), names.get(bit)));
        Conversion others = Conversion.anyOf(-1L << names.size());
        return Stream.concat(known, Stream.of(new Value(CLOCK_EVENT, 0, others, "unknown")))
                .toArray(Value[]::new);
    }

    private void temperatures() {
        Value threshold = new Value(TEMPERATURE_THRESHOLD, 0, Conversion::celsius);
        rowPerCode("nvmlDeviceGetTemperatureThreshold", numbers(1), threshold, List.of(THRESHOLDS));
        fields(Conversion.field(250, 1), new Field(0, NVML_FI_DEV_MEMORY_TEMP, MEMORY_TEMPERATURE));
        int shutdown = NVML_FI_DEV_TEMPERATURE_SHUTDOWN_TLIMIT;
        fields(Conversion::fieldCelsius, consecutive(0, shutdown, TEMPERATURE_MARGIN_THRESHOLD, THRESHOLDS));
        Arguments margin = structure(nvmlMarginTemperature_v1_t.class).withHeader(8 | 1 << 24, Integer.MIN_VALUE);
        row("nvmlDeviceGetMarginTemperature", margin, new Value(TEMPERATURE_MARGIN, 4, Conversion::margin));
    }

    private void power() {
        Conversion milliwatts = Conversion.field(1e8, 0.001);
        fields(
                milliwatts,
                new Field(NVML_POWER_SCOPE_GPU, NVML_FI_DEV_POWER_INSTANT, POWER_INSTANT),
                new Field(NVML_POWER_SCOPE_GPU, NVML_FI_DEV_POWER_AVERAGE, POWER_AVERAGE));
        fields(milliwatts, new Field(NVML_POWER_SCOPE_MODULE, NVML_FI_DEV_POWER_INSTANT, MODULE_POWER));
        number("nvmlDeviceGetPowerManagementLimit", POWER_LIMIT_SET, MILLIWATTS);
        row(
                "nvmlDeviceGetPowerManagementLimitConstraints",
                numbers(2),
                new Value(POWER_LIMIT_MIN, 0, MILLIWATTS),
                new Value(POWER_LIMIT_MAX, 4, MILLIWATTS));
        number("nvmlDeviceGetPowerManagementDefaultLimit", POWER_LIMIT_DEFAULT, MILLIWATTS);
    }

    private void fans() {
        Value speed = new Value(FAN_SPEED, 0, Conversion.upTo(1000, 0.01));
        rowPerCode("nvmlDeviceGetFanSpeed_v2", numbers(1), speed, List.of(List.of("0", "1", "2", "3", "4", "5")));
        row("nvmlDeviceGetFanSpeed", numbers(1), speed.withLabel("0"));
    }
}
