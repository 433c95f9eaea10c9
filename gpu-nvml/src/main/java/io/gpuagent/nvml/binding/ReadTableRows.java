package io.gpuagent.nvml.binding;

import static io.gpuagent.nvml.binding.Arguments.numbers;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.nvml.binding.ReadTable.Row;
import io.gpuagent.nvml.binding.ReadTable.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlFieldValue_t;

/** A section of {@link ReadTable}. */
abstract class ReadTableRows {

    static final Conversion PERCENT = Conversion.upTo(100, 0.01);
    static final Conversion MILLIWATTS = Conversion.upTo(100_000_000, 0.001);
    static final Conversion MEGAHERTZ = Conversion.upTo(100_000, 1e6);
    static final Conversion YES_OR_NO = Conversion.upTo(1, 1);
    static final Conversion COUNT = Conversion.upTo(0xFFFF_FFFEL, 1);
    static final Conversion COUNT64 = Conversion.count64(1);

    /** The size of {@code nvmlFieldValue_t} in bytes. */
    static final int FIELD_SIZE = 40;

    final List<Row> all = new ArrayList<>();

    final void row(String symbol, Arguments arguments, Value... values) {
        all.add(new Row(symbol, arguments, values));
    }

    final void number(String symbol, DeviceMetric metric, Conversion conversion) {
        row(symbol, numbers(1), new Value(metric, 0, conversion));
    }

    /** A function that writes two numbers, of which only the first is used. */
    final void firstOfTwo(String symbol, DeviceMetric metric, Conversion conversion) {
        row(symbol, numbers(2), new Value(metric, 0, conversion));
    }

    /**
     * Adds one row per label. The position of a label is the code that the function takes; with two or more lists of
     * labels, one row per combination.
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

    /** Values of one metric that are evenly spaced in a result, one per label. */
    static Value[] values(DeviceMetric metric, int first, int stride, Conversion conversion, List<String> labels) {
        return IntStream.range(0, labels.size())
                .mapToObj(i -> new Value(metric, first + i * stride, conversion, labels.get(i)))
                .toArray(Value[]::new);
    }

    /** A field id, the scope (such as a link) that it is read for, and the series that it provides. */
    record Field(int scope, int id, DeviceMetric metric, String... labels) {}

    /** Adds a row that reads several fields in one call. Each field has its own return code. */
    final void fields(Conversion conversion, Field... fields) {
        Value[] values = IntStream.range(0, fields.length)
                .mapToObj(i -> new Value(fields[i].metric(), i * FIELD_SIZE, conversion, fields[i].labels()))
                .toArray(Value[]::new);
        NvmlFunction.Call call = (device, buffer) -> {
            for (int i = 0; i < fields.length; i++) {
                buffer.putInt32(i * FIELD_SIZE, fields[i].id());
                buffer.putInt32(i * FIELD_SIZE + 4, fields[i].scope());
            }
            int code = nvml.nvmlDeviceGetFieldValues(device, fields.length, buffer.structAt(0, nvmlFieldValue_t::new));
            return code == nvml.NVML_SUCCESS ? anySuccess(buffer, fields.length) : Arguments.invalidAsUnsupported(code);
        };
        all.add(new Row("nvmlDeviceGetFieldValues", call, nvmlFieldValue_t.class, values));
    }

    final void fields(Conversion conversion, Stream<Field> fields) {
        fields(conversion, fields.toArray(Field[]::new));
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
     * SUCCESS if any field has a value; otherwise the first field's error, so that a call for unsupported fields is not
     * repeated at every sample.
     */
    private static int anySuccess(NativeMemory buffer, int fields) {
        boolean any = IntStream.range(0, fields).anyMatch(i -> buffer.int32(i * FIELD_SIZE + 28) <= 0);
        return any ? nvml.NVML_SUCCESS : Arguments.invalidAsUnsupported(buffer.int32(28));
    }
}
