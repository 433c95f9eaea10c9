package io.gpuagent.nvml.binding;

import static io.gpuagent.nvml.binding.Arguments.numbers;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.nvml.binding.ReadTable.Row;
import io.gpuagent.nvml.binding.ReadTable.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlFieldValue_t;

/** A group of rows of {@link ReadTable}. */
abstract class ReadTableRows {

    static final Conversion PERCENT = Conversion.upTo(100, 0.01);
    static final Conversion MILLIWATTS = Conversion.upTo(20_000_000, 0.001);
    static final Conversion MEGAHERTZ = Conversion.upTo(20_000, 1e6);
    static final Conversion YES_OR_NO = Conversion.upTo(1, 1);
    static final Conversion COUNT = Conversion.upTo(0xFFFF_FFFEL, 1);
    static final Conversion ERRORS = Conversion::errors;
    static final Conversion BYTES = Conversion.upTo64(DeviceFunctions.MAX_MEMORY, 1);

    /** The size of {@code nvmlFieldValue_t}, a constant because buffers are sized before the bindings are loaded. */
    static final int FIELD_SIZE = 40;

    static final FieldIds OLD = FieldIds.since("CUDA 11.0 or older");
    static final FieldIds CUDA_12_2 = FieldIds.since("CUDA 12.2 (R535)");

    final List<Row> all = new ArrayList<>();

    final void row(String symbol, Arguments arguments, Value... values) {
        all.add(new Row(symbol, arguments, values));
    }

    final void number(String symbol, DeviceMetric metric, Conversion conversion) {
        row(symbol, numbers(1), Value.number(metric, 0, conversion));
    }

    /** Adds a row for a function that writes two numbers, of which only the first is used. */
    final void firstOfTwo(String symbol, DeviceMetric metric, Conversion conversion) {
        row(symbol, numbers(2), Value.number(metric, 0, conversion));
    }

    /**
     * Adds one row per label. The function takes the position of the label in its list as a code. If there are several
     * lists, adds one row per combination.
     */
    final void rowPerCode(String symbol, Arguments arguments, Value value, List<List<String>> labels) {
        if (labels.isEmpty()) {
            row(symbol, arguments, value);
            return;
        }
        List<String> first = labels.get(0);
        for (int code = 0; code < first.size(); code++) {
            rowPerCode(
                    symbol,
                    arguments.withCode(code),
                    value.withLabel(first.get(code)),
                    labels.subList(1, labels.size()));
        }
    }

    /** A field id, the scope (such as a link) that it is read for, and the series that it provides. */
    record Field(int scope, int id, DeviceMetric metric, String... labels) {}

    /** Adds a row that reads several fields in one call. Each field has its own return code. */
    final void fields(FieldIds ids, ToDoubleFunction<nvmlFieldValue_t> conversion, Field... fields) {
        Value[] values = IntStream.range(0, fields.length)
                .mapToObj(i -> new Value(
                        fields[i].metric(),
                        List.of(fields[i].labels()),
                        buffer -> conversion.applyAsDouble(field(buffer, i))))
                .toArray(Value[]::new);
        NvmlFunction.Call call = (device, buffer) -> {
            for (int i = 0; i < fields.length; i++) {
                field(buffer, i).fieldId(fields[i].id()).scopeId(fields[i].scope());
            }
            int code = nvml.nvmlDeviceGetFieldValues(device, fields.length, field(buffer, 0));
            return code == nvml.NVML_SUCCESS ? anySuccess(buffer, fields.length) : Arguments.invalidAsUnsupported(code);
        };
        NvmlFunction function = new Row("nvmlDeviceGetFieldValues", call, nvmlFieldValue_t.class, values).function();
        all.add(new Row(function, ids, List.of(values)));
    }

    final void fields(FieldIds ids, ToDoubleFunction<nvmlFieldValue_t> conversion, Stream<Field> fields) {
        fields(ids, conversion, fields.toArray(Field[]::new));
    }

    private static nvmlFieldValue_t field(NativeMemory buffer, int index) {
        return buffer.structAt(index * FIELD_SIZE, nvmlFieldValue_t::new);
    }

    /** The fields of one metric with consecutive ids, one per value of the metric's last label. */
    static Stream<Field> consecutive(int scope, int first, DeviceMetric metric, List<String> names, String... before) {
        return IntStream.range(0, names.size())
                .mapToObj(i -> new Field(
                        scope,
                        first + i,
                        metric,
                        Stream.concat(Stream.of(before), Stream.of(names.get(i)))
                                .toArray(String[]::new)));
    }

    /**
     * Returns SUCCESS if any field has a value, otherwise the first field's error. So a call whose fields are all
     * unsupported is not repeated at every sample.
     */
    private static int anySuccess(NativeMemory buffer, int fields) {
        boolean any = IntStream.range(0, fields).anyMatch(i -> field(buffer, i).nvmlReturn() <= 0);
        int first = field(buffer, 0).nvmlReturn();
        boolean deprecated = first == nvml.NVML_ERROR_DEPRECATED; // here, the field is deprecated and not the function
        return any
                ? nvml.NVML_SUCCESS
                : deprecated ? nvml.NVML_ERROR_NOT_SUPPORTED : Arguments.invalidAsUnsupported(first);
    }
}
