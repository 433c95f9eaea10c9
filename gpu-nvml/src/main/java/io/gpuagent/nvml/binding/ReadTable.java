package io.gpuagent.nvml.binding;

import io.gpuagent.device.DeviceMetric;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The functions that provide each {@link DeviceMetric}, one row per call. If several rows provide the same series, the
 * first one that the device supports is used.
 */
public final class ReadTable {

    public static final List<Row> ROWS = Stream.of(new PerformanceRows(), new HealthRows(), new LinkRows())
            .flatMap(rows -> rows.all.stream())
            .toList();

    /**
     * The buffer size that fits the largest structure, {@code nvmlGridLicensableFeatures_t}. Only rows with many fields
     * need more.
     */
    public static final int DEFAULT_SIZE = 1024;

    /** A call and the values in its result. */
    public record Row(NvmlFunction function, FieldIds ids, List<Value> values) {

        Row(String symbol, Arguments arguments, Value... values) {
            this(new NvmlFunction(symbol, lost(values), arguments), FieldIds.NONE, List.of(values));
        }

        Row(String symbol, NvmlFunction.Call call, Class<?> type, Value... values) {
            this(new NvmlFunction(symbol, lost(values), call, type), FieldIds.NONE, List.of(values));
        }

        /** Whether the row's field ids have the expected meaning in this library. */
        public boolean holdsIn(Nvml library) {
            return ids.hold(library.release());
        }

        private static String lost(Value... values) {
            return metrics(Stream.of(values).map(Value::metric));
        }

        /** The size of the buffer for the result, in bytes. */
        public int bufferSize() {
            return Math.max(DEFAULT_SIZE, values.size() * ReadTableRows.FIELD_SIZE);
        }

        /** One of the row's metrics, which all have the same group and tier. */
        public DeviceMetric metric() {
            return values.get(0).metric();
        }
    }

    /** The exposed names of the metrics, without duplicates. */
    static String metrics(Stream<DeviceMetric> metrics) {
        return metrics.map(DeviceMetric::exposedName).distinct().collect(Collectors.joining(", "));
    }

    /** A metric and the values of its labels, without those that identify the device. */
    public record Series(DeviceMetric metric, List<String> labels) {}

    /**
     * A value in a call's result.
     *
     * @param labels the values of the metric's labels, without those that identify the device
     * @param number reads the value from the buffer, as described for {@link Conversion}
     */
    public record Value(DeviceMetric metric, List<String> labels, ToDoubleFunction<NativeMemory> number) {

        /** The 32-bit number at an index, counted from 0. */
        static Value number(DeviceMetric metric, int index, Conversion conversion, String... labels) {
            return new Value(metric, List.of(labels), buffer -> conversion.of(buffer.int32(4 * index)));
        }

        /** A 64-bit number, the only one of the result. */
        static Value number64(DeviceMetric metric, Conversion conversion, String... labels) {
            return new Value(metric, List.of(labels), buffer -> conversion.of(buffer.int64(0)));
        }

        public Series series() {
            return new Series(metric, labels);
        }

        Value withLabel(String next) {
            return new Value(
                    metric, Stream.concat(labels.stream(), Stream.of(next)).toList(), number);
        }
    }

    private ReadTable() {}
}
