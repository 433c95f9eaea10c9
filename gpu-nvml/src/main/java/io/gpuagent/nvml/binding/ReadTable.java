package io.gpuagent.nvml.binding;

import io.gpuagent.device.DeviceMetric;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which function tells which {@link DeviceMetric}, one row per call. Of several rows for one series the first that the card offers
 * answers.
 */
public final class ReadTable {

    public static final List<Row> ROWS = Stream.of(new ActivityRows(), new HealthRows(), new LinkRows())
            .flatMap(rows -> rows.all.stream())
            .toList();

    /** Room for the largest structure, {@code nvmlGridLicensableFeatures_t}; only of fields there may be more. */
    public static final int USUAL_EXTENT = 1024;

    /** A call and the values in its answer. */
    public record Row(NvmlFunction function, List<Value> values) {

        Row(String symbol, Arguments arguments, Value... values) {
            this(new NvmlFunction(symbol, lost(values), arguments), List.of(values));
        }

        Row(String symbol, NvmlFunction.Call call, Class<?> type, Value... values) {
            this(new NvmlFunction(symbol, lost(values), call, type), List.of(values));
        }

        private static String lost(Value... values) {
            return metrics(Stream.of(values).map(Value::metric));
        }

        /** How many bytes the answer may have. */
        public int extent() {
            return Math.max(USUAL_EXTENT, values.get(values.size() - 1).offset() + Rows.FIELD_SIZE);
        }

        /** One of the row's metrics: they are all of one group and of one tier. */
        public DeviceMetric metric() {
            return values.get(0).metric();
        }
    }

    /** The metrics by their exposed names, each once. */
    static String metrics(Stream<DeviceMetric> metrics) {
        return metrics.map(DeviceMetric::exposedName).distinct().collect(Collectors.joining(", "));
    }

    /** A metric with the values of its own labels. */
    public record Series(DeviceMetric metric, List<String> labels) {}

    /**
     * A value in an answer.
     *
     * @param labels the values of the metric's own labels
     * @param offset where the answer holds it
     */
    public record Value(DeviceMetric metric, List<String> labels, int offset, Conversion conversion) {

        Value(DeviceMetric metric, int offset, Conversion conversion, String... labels) {
            this(metric, List.of(labels), offset, conversion);
        }

        public Series series() {
            return new Series(metric, labels);
        }

        Value labelled(String next) {
            return new Value(
                    metric, Stream.concat(labels.stream(), Stream.of(next)).toList(), offset, conversion);
        }
    }

    private ReadTable() {}
}
