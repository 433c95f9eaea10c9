package io.gpuagent.nvml.binding;

import static io.gpuagent.device.DeviceMetric.*;
import static io.gpuagent.nvml.binding.Arguments.NUMBER64;
import static io.gpuagent.nvml.binding.Arguments.numbers;
import static io.gpuagent.nvml.binding.Structure.version;
import static org.bytedeco.cuda.global.nvml.*;

import io.gpuagent.nvml.binding.ReadTable.Value;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.cuda.nvml.nvmlFieldValue_t;
import org.bytedeco.cuda.nvml.nvmlMarginTemperature_v1_t;
import org.bytedeco.cuda.nvml.nvmlTemperature_v1_t;
import org.bytedeco.cuda.nvml.nvmlUtilization_t;
import org.bytedeco.cuda.nvml.nvmlViolationTime_t;

/**
 * Rows for a device's utilization, clocks, temperatures and power. {@code nvml.h} documents their codes, bits and
 * layouts.
 */
final class PerformanceRows extends ReadTableRows {

    /** The values of {@code nvmlTemperatureThresholds_t}, starting at 0. The margin fields have the same order. */
    private static final List<String> THRESHOLDS = List.of("shutdown", "slowdown", "memory_max", "gpu_max");

    /** An upper limit for plausible durations: 73 years. */
    private static final long MAX_NANOSECONDS = 1L << 61;

    /** The values of {@code nvmlPerfPolicyType_t}, starting at 0. The policy fields have the same order. */
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
        Structure<nvmlUtilization_t> rates = new Structure<>(nvmlUtilization_t.class, nvmlUtilization_t::new);
        row(
                "nvmlDeviceGetUtilizationRates",
                rates.arguments(),
                rates.value(UTILIZATION, nvmlUtilization_t::gpu, PERCENT),
                rates.value(MEMORY_UTILIZATION, nvmlUtilization_t::memory, PERCENT));
        Structure<nvmlTemperature_v1_t> die = new Structure<>(
                nvmlTemperature_v1_t.class,
                nvmlTemperature_v1_t::new,
                request -> request.version(version(request, 1)).sensorType(NVML_TEMPERATURE_GPU));
        Value celsius = die.value(TEMPERATURE, nvmlTemperature_v1_t::temperature, Conversion::celsius);
        row("nvmlDeviceGetTemperatureV", die.arguments(), celsius);
        // Deprecated since CUDA 13, but the only function before R570.
        Arguments sensor = numbers(1).withCode(NVML_TEMPERATURE_GPU);
        row("nvmlDeviceGetTemperature", sensor, Value.number(TEMPERATURE, 0, Conversion::celsius));
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
                Value.number(ENCODER_SESSIONS, 0, Conversion.upTo(10_000, 1)),
                Value.number(ENCODER_FRAME_RATE, 1, Conversion.upTo(100_000, 1)),
                Value.number(ENCODER_LATENCY, 2, Conversion.upTo(60_000_000, 1e-6)));
    }

    private void clocks() {
        List<List<String>> domains = List.of(List.of("graphics", "sm", "memory", "video"));
        rowPerCode("nvmlDeviceGetClockInfo", numbers(1), Value.number(CLOCK, 0, MEGAHERTZ), domains);
        rowPerCode("nvmlDeviceGetMaxClockInfo", numbers(1), Value.number(CLOCK_MAX, 0, MEGAHERTZ), domains);
        row("nvmlDeviceGetCurrentClocksEventReasons", NUMBER64, reasons());
        row("nvmlDeviceGetCurrentClocksThrottleReasons", NUMBER64, reasons());
        number("nvmlDeviceGetPerformanceState", PERFORMANCE_STATE, Conversion::performanceState);
    }

    private void slowdowns() {
        Structure<nvmlViolationTime_t> status = new Structure<>(nvmlViolationTime_t.class, nvmlViolationTime_t::new);
        Value time = status.value(
                CLOCK_VIOLATION, nvmlViolationTime_t::violationTime, Conversion.upTo64(MAX_NANOSECONDS, 1e-9));
        rowPerCode("nvmlDeviceGetViolationStatus", status.arguments(), time, List.of(POLICIES));
        ToDoubleFunction<nvmlFieldValue_t> nanoseconds = Conversion.field(MAX_NANOSECONDS, 1e-9);
        // These fields replace nvmlDeviceGetViolationStatus, which CUDA 14 removes (nvml.h).
        fields(OLD, nanoseconds, consecutive(0, NVML_FI_DEV_PERF_POLICY_POWER, CLOCK_VIOLATION, POLICIES));
        fields(
                OLD,
                nanoseconds,
                new Field(0, NVML_FI_DEV_PERF_POLICY_POWER, CLOCK_EVENT_TIME, "sw_power_cap"),
                new Field(0, NVML_FI_DEV_PERF_POLICY_SYNC_BOOST, CLOCK_EVENT_TIME, "sync_boost"));
        List<String> reasons = List.of("sw_thermal_slowdown", "hw_thermal_slowdown", "hw_power_brake_slowdown");
        // The ids 251 to 253 mean these reasons only from R575 to early R580. In R570 and from 580.82.07 on, they are
        // settings of power smoothing.
        FieldIds former = new FieldIds("CUDA 12.9 (R575)", 575_000, 580_066);
        fields(former, nanoseconds, consecutive(0, 251, CLOCK_EVENT_TIME, reasons));
        FieldIds latter = new FieldIds("CUDA 13.0 Update 1 (580.82.07)", 580_082, Integer.MAX_VALUE);
        int softwareThermal = NVML_FI_DEV_CLOCKS_EVENT_REASON_SW_THERM_SLOWDOWN;
        fields(latter, nanoseconds, consecutive(0, softwareThermal, CLOCK_EVENT_TIME, reasons));
    }

    /** The bits of {@code nvmlClocksEventReason…}, lowest first. */
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
                .mapToObj(bit -> Value.number64(CLOCK_EVENT, Conversion.anyOf(1L << bit), names.get(bit)));
        Conversion others = Conversion.anyOf(-1L << names.size());
        return Stream.concat(known, Stream.of(Value.number64(CLOCK_EVENT, others, "unknown")))
                .toArray(Value[]::new);
    }

    private void temperatures() {
        Value threshold = Value.number(TEMPERATURE_THRESHOLD, 0, Conversion::celsius);
        rowPerCode("nvmlDeviceGetTemperatureThreshold", numbers(1), threshold, List.of(THRESHOLDS));
        fields(OLD, Conversion::fieldMemoryCelsius, new Field(0, NVML_FI_DEV_MEMORY_TEMP, MEMORY_TEMPERATURE));
        int shutdown = NVML_FI_DEV_TEMPERATURE_SHUTDOWN_TLIMIT;
        fields(CUDA_12_2, Conversion::fieldCelsius, consecutive(0, shutdown, TEMPERATURE_MARGIN_THRESHOLD, THRESHOLDS));
        Structure<nvmlMarginTemperature_v1_t> margin = new Structure<>(
                nvmlMarginTemperature_v1_t.class,
                nvmlMarginTemperature_v1_t::new,
                // -1 is a valid margin, so another number marks a margin that was not written.
                request -> request.version(version(request, 1)).marginTemperature(Integer.MIN_VALUE));
        Value degrees =
                margin.value(TEMPERATURE_MARGIN, nvmlMarginTemperature_v1_t::marginTemperature, Conversion::margin);
        row("nvmlDeviceGetMarginTemperature", margin.arguments(), degrees);
    }

    private void power() {
        ToDoubleFunction<nvmlFieldValue_t> milliwatts = Conversion.field(2e7, 0.001);
        fields(
                CUDA_12_2,
                milliwatts,
                new Field(NVML_POWER_SCOPE_GPU, NVML_FI_DEV_POWER_INSTANT, POWER_INSTANT),
                new Field(NVML_POWER_SCOPE_GPU, NVML_FI_DEV_POWER_AVERAGE, POWER_AVERAGE));
        fields(CUDA_12_2, milliwatts, new Field(NVML_POWER_SCOPE_MODULE, NVML_FI_DEV_POWER_INSTANT, MODULE_POWER));
        number("nvmlDeviceGetPowerManagementLimit", POWER_LIMIT_SET, MILLIWATTS);
        row(
                "nvmlDeviceGetPowerManagementLimitConstraints",
                numbers(2),
                Value.number(POWER_LIMIT_MIN, 0, MILLIWATTS),
                Value.number(POWER_LIMIT_MAX, 1, MILLIWATTS));
        number("nvmlDeviceGetPowerManagementDefaultLimit", POWER_LIMIT_DEFAULT, MILLIWATTS);
    }

    private void fans() {
        Value speed = Value.number(FAN_SPEED, 0, Conversion.upTo(1000, 0.01));
        rowPerCode("nvmlDeviceGetFanSpeed_v2", numbers(1), speed, List.of(List.of("0", "1", "2", "3", "4", "5")));
        row("nvmlDeviceGetFanSpeed", numbers(1), speed.withLabel("0"));
    }
}
