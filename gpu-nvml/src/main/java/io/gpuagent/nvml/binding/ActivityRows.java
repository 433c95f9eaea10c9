package io.gpuagent.nvml.binding;

import static io.gpuagent.device.DeviceMetric.*;
import static io.gpuagent.nvml.binding.Rows.*;

import io.gpuagent.nvml.binding.ReadTable.Row;
import io.gpuagent.nvml.binding.ReadTable.Value;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlMarginTemperature_v1_t;
import org.bytedeco.cuda.nvml.nvmlTemperature_v1_t;
import org.bytedeco.cuda.nvml.nvmlUtilization_t;
import org.bytedeco.cuda.nvml.nvmlViolationTime_t;

/** The rows of {@link ReadTable} for what a card does. Codes, bits and layouts: {@code nvml.h}. */
@SuppressWarnings("deprecation") // older functions are the only ones that older drivers have
final class ActivityRows {

    /** {@code nvmlTemperatureThresholds_t} from 0 on, and the order of the fields for margins. */
    private static final List<String> THRESHOLDS = List.of("shutdown", "slowdown", "memory_max", "gpu_max");

    /** {@code nvmlPerfPolicyType_t} from 0 on, and the order of the fields for policies. */
    private static final List<String> POLICIES =
            List.of("power", "thermal", "sync_boost", "board_limit", "low_utilization", "reliability");

    private ActivityRows() {}

    static Stream<Row> all() {
        return Stream.of(basic(), video(), clocks(), temperatures(), power(), fans())
                .flatMap(rows -> rows);
    }

    private static Stream<Row> basic() {
        return Stream.of(
                new Row(
                        "nvmlDeviceGetUtilizationRates",
                        nvmlUtilization_t.class,
                        (device, answer) ->
                                nvml.nvmlDeviceGetUtilizationRates(device, answer.structAt(0, nvmlUtilization_t::new)),
                        new Value(UTILIZATION, 0, PERCENT),
                        new Value(MEMORY_UTILIZATION, 4, PERCENT)),
                new Row(
                        "nvmlDeviceGetTemperatureV",
                        nvmlTemperature_v1_t.class,
                        (device, answer) -> {
                            answer.putInt32(0, 12 | 1 << 24);
                            answer.putInt32(4, nvml.NVML_TEMPERATURE_GPU);
                            return nvml.nvmlDeviceGetTemperatureV(
                                    device, answer.structAt(0, nvmlTemperature_v1_t::new));
                        },
                        new Value(TEMPERATURE, 8, Conversion::celsius)),
                // Deprecated since CUDA 13, and the only one before R570.
                number(
                        "nvmlDeviceGetTemperature",
                        (device, number) -> nvml.nvmlDeviceGetTemperature(device, nvml.NVML_TEMPERATURE_GPU, number),
                        TEMPERATURE,
                        Conversion::celsius),
                number("nvmlDeviceGetPowerUsage", nvml::nvmlDeviceGetPowerUsage, POWER, MILLIWATTS),
                number(
                        "nvmlDeviceGetEnforcedPowerLimit",
                        nvml::nvmlDeviceGetEnforcedPowerLimit,
                        POWER_LIMIT,
                        MILLIWATTS));
    }

    private static Stream<Row> video() {
        return Stream.of(
                first(
                        "nvmlDeviceGetEncoderUtilization",
                        nvml::nvmlDeviceGetEncoderUtilization,
                        ENCODER_UTILIZATION,
                        PERCENT),
                first(
                        "nvmlDeviceGetDecoderUtilization",
                        nvml::nvmlDeviceGetDecoderUtilization,
                        DECODER_UTILIZATION,
                        PERCENT),
                first("nvmlDeviceGetJpgUtilization", nvml::nvmlDeviceGetJpgUtilization, JPEG_UTILIZATION, PERCENT),
                first("nvmlDeviceGetOfaUtilization", nvml::nvmlDeviceGetOfaUtilization, OFA_UTILIZATION, PERCENT),
                new Row(
                        "nvmlDeviceGetEncoderStats",
                        (device, answer) -> nvml.nvmlDeviceGetEncoderStats(
                                device, answer.intAt(0), answer.intAt(4), answer.intAt(8)),
                        new Value(ENCODER_SESSIONS, 0, COUNT),
                        new Value(ENCODER_FRAME_RATE, 4, COUNT),
                        new Value(ENCODER_LATENCY, 8, Conversion.upTo(0xFFFF_FFFEL, 1e-6))));
    }

    private static final Conversion NANOSECONDS = Conversion.field(Long.MAX_VALUE, 1e-9);

    private static Stream<Row> clocks() {
        List<String> domains = List.of("graphics", "sm", "memory", "video");
        return Stream.of(
                        choices("nvmlDeviceGetClockInfo", nvml::nvmlDeviceGetClockInfo, CLOCK, MEGAHERTZ, domains),
                        choices(
                                "nvmlDeviceGetMaxClockInfo",
                                nvml::nvmlDeviceGetMaxClockInfo,
                                CLOCK_MAX,
                                MEGAHERTZ,
                                domains),
                        Stream.of(
                                new Row(
                                        "nvmlDeviceGetCurrentClocksEventReasons",
                                        (device, answer) ->
                                                nvml.nvmlDeviceGetCurrentClocksEventReasons(device, answer.longAt(0)),
                                        reasons()),
                                new Row(
                                        "nvmlDeviceGetCurrentClocksThrottleReasons",
                                        (device, answer) -> nvml.nvmlDeviceGetCurrentClocksThrottleReasons(
                                                device, answer.longAt(0)),
                                        reasons()),
                                number(
                                        "nvmlDeviceGetPerformanceState",
                                        nvml::nvmlDeviceGetPerformanceState,
                                        PERFORMANCE_STATE,
                                        Conversion::performanceState)),
                        IntStream.range(0, POLICIES.size()).mapToObj(code -> violation(code, POLICIES.get(code))),
                        Stream.of(violationFields(), eventTimes()))
                .flatMap(rows -> rows);
    }

    /** What is to be asked when the function for violations is gone (nvml.h: in CUDA 14). */
    private static Row violationFields() {
        return fields(
                NANOSECONDS,
                fields(0, nvml.NVML_FI_DEV_PERF_POLICY_POWER, CLOCK_VIOLATION, POLICIES)
                        .toArray(Field[]::new));
    }

    private static Row eventTimes() {
        return fields(
                NANOSECONDS,
                new Field(0, nvml.NVML_FI_DEV_PERF_POLICY_POWER, CLOCK_EVENT_TIME, "sw_power_cap"),
                new Field(0, nvml.NVML_FI_DEV_PERF_POLICY_SYNC_BOOST, CLOCK_EVENT_TIME, "sync_boost"),
                new Field(
                        0,
                        nvml.NVML_FI_DEV_CLOCKS_EVENT_REASON_SW_THERM_SLOWDOWN,
                        CLOCK_EVENT_TIME,
                        "sw_thermal_slowdown"),
                new Field(
                        0,
                        nvml.NVML_FI_DEV_CLOCKS_EVENT_REASON_HW_THERM_SLOWDOWN,
                        CLOCK_EVENT_TIME,
                        "hw_thermal_slowdown"),
                new Field(
                        0,
                        nvml.NVML_FI_DEV_CLOCKS_EVENT_REASON_HW_POWER_BRAKE_SLOWDOWN,
                        CLOCK_EVENT_TIME,
                        "hw_power_brake_slowdown"));
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

    /** The reference time is at 0; the time of violation, at 8, is in nanoseconds. */
    private static Row violation(int policy, String label) {
        return new Row(
                "nvmlDeviceGetViolationStatus",
                nvmlViolationTime_t.class,
                (device, answer) ->
                        nvml.nvmlDeviceGetViolationStatus(device, policy, answer.structAt(0, nvmlViolationTime_t::new)),
                new Value(CLOCK_VIOLATION, 8, Conversion.count64(1e-9), label));
    }

    private static Stream<Row> temperatures() {
        return Stream.concat(
                choices(
                        "nvmlDeviceGetTemperatureThreshold",
                        nvml::nvmlDeviceGetTemperatureThreshold,
                        TEMPERATURE_THRESHOLD,
                        Conversion::celsius,
                        THRESHOLDS),
                Stream.of(
                        fields(
                                Conversion.field(250, 1),
                                new Field(0, nvml.NVML_FI_DEV_MEMORY_TEMP, MEMORY_TEMPERATURE)),
                        fields(
                                Conversion::fieldCelsius,
                                fields(
                                                0,
                                                nvml.NVML_FI_DEV_TEMPERATURE_SHUTDOWN_TLIMIT,
                                                TEMPERATURE_MARGIN_THRESHOLD,
                                                THRESHOLDS)
                                        .toArray(Field[]::new)),
                        new Row(
                                "nvmlDeviceGetMarginTemperature",
                                nvmlMarginTemperature_v1_t.class,
                                (device, answer) -> {
                                    answer.putInt32(0, 8 | 1 << 24);
                                    answer.putInt32(4, Integer.MIN_VALUE);
                                    return nvml.nvmlDeviceGetMarginTemperature(
                                            device, answer.structAt(0, nvmlMarginTemperature_v1_t::new));
                                },
                                new Value(TEMPERATURE_MARGIN, 4, Conversion::margin))));
    }

    private static Stream<Row> power() {
        Conversion milliwatts = Conversion.field(1e8, 0.001);
        return Stream.of(
                fields(
                        milliwatts,
                        new Field(nvml.NVML_POWER_SCOPE_GPU, nvml.NVML_FI_DEV_POWER_INSTANT, POWER_INSTANT),
                        new Field(nvml.NVML_POWER_SCOPE_GPU, nvml.NVML_FI_DEV_POWER_AVERAGE, POWER_AVERAGE)),
                fields(
                        milliwatts,
                        new Field(nvml.NVML_POWER_SCOPE_MODULE, nvml.NVML_FI_DEV_POWER_INSTANT, MODULE_POWER)),
                number(
                        "nvmlDeviceGetPowerManagementLimit",
                        nvml::nvmlDeviceGetPowerManagementLimit,
                        POWER_LIMIT_SET,
                        MILLIWATTS),
                new Row(
                        "nvmlDeviceGetPowerManagementLimitConstraints",
                        (device, answer) -> nvml.nvmlDeviceGetPowerManagementLimitConstraints(
                                device, answer.intAt(0), answer.intAt(4)),
                        new Value(POWER_LIMIT_MIN, 0, MILLIWATTS),
                        new Value(POWER_LIMIT_MAX, 4, MILLIWATTS)),
                number(
                        "nvmlDeviceGetPowerManagementDefaultLimit",
                        nvml::nvmlDeviceGetPowerManagementDefaultLimit,
                        POWER_LIMIT_DEFAULT,
                        MILLIWATTS));
    }

    private static Stream<Row> fans() {
        Conversion speed = Conversion.upTo(1000, 0.01);
        return Stream.concat(
                choices("nvmlDeviceGetFanSpeed_v2", nvml::nvmlDeviceGetFanSpeed_v2, FAN_SPEED, speed, numbers(6)),
                Stream.of(new Row(
                        "nvmlDeviceGetFanSpeed",
                        (device, answer) -> nvml.nvmlDeviceGetFanSpeed(device, answer.intAt(0)),
                        new Value(FAN_SPEED, 0, speed, "0"))));
    }
}
