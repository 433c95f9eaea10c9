package io.gpuagent.nvml.binding;

import io.gpuagent.device.DeviceMetric;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlDevice_st;
import org.bytedeco.cuda.nvml.nvmlTemperature_v1_t;
import org.bytedeco.cuda.nvml.nvmlUtilization_t;
import org.jspecify.annotations.Nullable;

/**
 * Which function tells which {@link DeviceMetric}, one row per function. Of several rows for one metric the first that the card offers
 * answers.
 */
public final class ReadTable {

    private static final double MOST_WATTS = 100_000;

    public static final List<Row> ROWS = List.of(
            new Row(
                    "nvmlDeviceGetUtilizationRates",
                    nvmlUtilization_t.class,
                    (device, answer) ->
                            nvml.nvmlDeviceGetUtilizationRates(device, answer.structAt(0, nvmlUtilization_t::new)),
                    new Value(DeviceMetric.UTILIZATION, 0, ReadTable::percent),
                    new Value(DeviceMetric.MEMORY_UTILIZATION, 4, ReadTable::percent)),
            new Row(
                    "nvmlDeviceGetTemperatureV",
                    nvmlTemperature_v1_t.class,
                    ReadTable::temperatureVersioned,
                    new Value(DeviceMetric.TEMPERATURE, 8, ReadTable::celsius)),
            new Row(
                    "nvmlDeviceGetTemperature",
                    ReadTable::temperaturePlain,
                    new Value(DeviceMetric.TEMPERATURE, 0, ReadTable::celsius)),
            new Row(
                    "nvmlDeviceGetPowerUsage",
                    (device, answer) -> nvml.nvmlDeviceGetPowerUsage(device, answer.intAt(0)),
                    new Value(DeviceMetric.POWER, 0, ReadTable::milliwatts)),
            new Row(
                    "nvmlDeviceGetEnforcedPowerLimit",
                    (device, answer) -> nvml.nvmlDeviceGetEnforcedPowerLimit(device, answer.intAt(0)),
                    new Value(DeviceMetric.POWER_LIMIT, 0, ReadTable::milliwatts)));

    /**
     * A function and the values in its answer.
     *
     * @param structure the class of the structure it fills, initialised when the bindings are loaded; null for plain numbers
     */
    public record Row(NvmlFunction function, @Nullable Class<?> structure, List<Value> values) {

        Row(String symbol, NvmlFunction.Call call, Value... values) {
            this(function(symbol, call, values), null, List.of(values));
        }

        Row(String symbol, Class<?> structure, NvmlFunction.Call call, Value... values) {
            this(function(symbol, call, values), structure, List.of(values));
        }

        private static NvmlFunction function(String symbol, NvmlFunction.Call call, Value... values) {
            return new NvmlFunction(symbol, metrics(List.of(values).stream().map(Value::metric)), call);
        }
    }

    /** The metrics by their exposed names, each once. */
    static String metrics(Stream<DeviceMetric> metrics) {
        return metrics.map(DeviceMetric::exposedName).distinct().collect(Collectors.joining(", "));
    }

    static Stream<String> structures() {
        return ROWS.stream().map(Row::structure).filter(Objects::nonNull).map(Class::getName);
    }

    /**
     * A value in an answer.
     *
     * @param labels the values of the metric's own labels
     * @param offset where the answer holds it, as a number of 32 bits
     */
    public record Value(DeviceMetric metric, List<String> labels, int offset, Conversion conversion) {

        Value(DeviceMetric metric, int offset, Conversion conversion) {
            this(metric, List.of(), offset, conversion);
        }
    }

    /** From NVML's unit to the metric's. A number that cannot be true, such as a sentinel, becomes NaN. */
    @FunctionalInterface
    public interface Conversion {
        double of(int raw);
    }

    private static int temperatureVersioned(nvmlDevice_st device, NativeMemory answer) {
        answer.putInt32(0, 12 | 1 << 24);
        answer.putInt32(4, nvml.NVML_TEMPERATURE_GPU);
        return nvml.nvmlDeviceGetTemperatureV(device, answer.structAt(0, nvmlTemperature_v1_t::new));
    }

    /** Deprecated since CUDA 13, and the only one before R570. */
    @SuppressWarnings("deprecation")
    private static int temperaturePlain(nvmlDevice_st device, NativeMemory answer) {
        return nvml.nvmlDeviceGetTemperature(device, nvml.NVML_TEMPERATURE_GPU, answer.intAt(0));
    }

    private static double percent(int raw) {
        return raw >= 0 && raw <= 100 ? raw / 100.0 : Double.NaN;
    }

    private static double celsius(int raw) {
        return raw >= -60 && raw <= 250 ? raw : Double.NaN;
    }

    private static double milliwatts(int raw) {
        double watts = Integer.toUnsignedLong(raw) / 1000.0;
        return watts <= MOST_WATTS ? watts : Double.NaN;
    }

    private ReadTable() {}
}
