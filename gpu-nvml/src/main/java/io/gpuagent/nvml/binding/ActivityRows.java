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

/** The rows for what a card does. Codes, bits and layouts: {@code nvml.h}. */
final class ActivityRows extends Rows {

    /** {@code nvmlTemperatureThresholds_t} from 0 on, and the order of the fields for margins. */
    private static final List<String> THRESHOLDS = List.of("shutdown", "slowdown", "memory_max", "gpu_max");

    /** {@code nvmlPerfPolicyType_t} from 0 on, and the order of the fields for policies. */
    private static final List<String> POLICIES =
            List.of("power", "thermal", "sync_boost", "board_limit", "low_utilization", "reliability");

    ActivityRows() {
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
        Arguments ofGpu = structure(nvmlTemperature_v1_t.class).after(12 | 1 << 24, NVML_TEMPERATURE_GPU);
        row("nvmlDeviceGetTemperatureV", ofGpu, new Value(TEMPERATURE, 8, Conversion::celsius));
        // Deprecated since CUDA 13, and the only one before R570.
        Arguments sensor = numbers(1).choosing(NVML_TEMPERATURE_GPU);
        row("nvmlDeviceGetTemperature", sensor, new Value(TEMPERATURE, 0, Conversion::celsius));
        number("nvmlDeviceGetPowerUsage", POWER, MILLIWATTS);
        number("nvmlDeviceGetEnforcedPowerLimit", POWER_LIMIT, MILLIWATTS);
    }

    private void video() {
        first("nvmlDeviceGetEncoderUtilization", ENCODER_UTILIZATION, PERCENT);
        first("nvmlDeviceGetDecoderUtilization", DECODER_UTILIZATION, PERCENT);
        first("nvmlDeviceGetJpgUtilization", JPEG_UTILIZATION, PERCENT);
        first("nvmlDeviceGetOfaUtilization", OFA_UTILIZATION, PERCENT);
        row(
                "nvmlDeviceGetEncoderStats",
                numbers(3),
                new Value(ENCODER_SESSIONS, 0, COUNT),
                new Value(ENCODER_FRAME_RATE, 4, COUNT),
                new Value(ENCODER_LATENCY, 8, Conversion.upTo(0xFFFF_FFFEL, 1e-6)));
    }

    private void clocks() {
        List<List<String>> domains = List.of(List.of("graphics", "sm", "memory", "video"));
        choices("nvmlDeviceGetClockInfo", numbers(1), new Value(CLOCK, 0, MEGAHERTZ), domains);
        choices("nvmlDeviceGetMaxClockInfo", numbers(1), new Value(CLOCK_MAX, 0, MEGAHERTZ), domains);
        row("nvmlDeviceGetCurrentClocksEventReasons", NUMBER64, reasons());
        row("nvmlDeviceGetCurrentClocksThrottleReasons", NUMBER64, reasons());
        number("nvmlDeviceGetPerformanceState", PERFORMANCE_STATE, Conversion::performanceState);
    }

    private void slowdowns() {
        // The reference time is at 0; the time of violation, at 8, is in nanoseconds.
        Value time = new Value(CLOCK_VIOLATION, 8, Conversion.count64(1e-9));
        choices("nvmlDeviceGetViolationStatus", structure(nvmlViolationTime_t.class), time, List.of(POLICIES));
        Conversion nanoseconds = Conversion.field(Long.MAX_VALUE, 1e-9);
        // What is to be asked when the function for violations is gone (nvml.h: in CUDA 14).
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

    /** The bits of {@code nvmlClocksEventReasonNone} and following, lowest first. */
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
        choices("nvmlDeviceGetTemperatureThreshold", numbers(1), threshold, List.of(THRESHOLDS));
        fields(Conversion.field(250, 1), new Field(0, NVML_FI_DEV_MEMORY_TEMP, MEMORY_TEMPERATURE));
        int shutdown = NVML_FI_DEV_TEMPERATURE_SHUTDOWN_TLIMIT;
        fields(Conversion::fieldCelsius, consecutive(0, shutdown, TEMPERATURE_MARGIN_THRESHOLD, THRESHOLDS));
        Arguments margin = structure(nvmlMarginTemperature_v1_t.class).after(8 | 1 << 24, Integer.MIN_VALUE);
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
        choices("nvmlDeviceGetFanSpeed_v2", numbers(1), speed, List.of(List.of("0", "1", "2", "3", "4", "5")));
        row("nvmlDeviceGetFanSpeed", numbers(1), speed.labelled("0"));
    }
}
