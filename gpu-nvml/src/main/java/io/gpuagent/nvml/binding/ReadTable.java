package io.gpuagent.nvml.binding;

import io.gpuagent.device.DeviceMetric;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which function tells which {@link DeviceMetric}, one row per call. Of several rows for one series the first that the card offers
 * answers.
 */
public final class ReadTable {

    public static final List<Row> ROWS = Stream.of(ActivityRows.all(), HealthRows.all(), LinkRows.all())
            .flatMap(rows -> rows)
            .toList();

    /** Room for the largest structure, {@code nvmlGridLicensableFeatures_t}; only of fields there may be more. */
    public static final int USUAL_EXTENT = 1024;

    /**
     * A call and the values in its answer.
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

    static Stream<String> structures() {
        return ROWS.stream()
                .map(Row::structure)
                .filter(Objects::nonNull)
                .map(Class::getName)
                .distinct();
    }

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
    }

    private ReadTable() {}
}
