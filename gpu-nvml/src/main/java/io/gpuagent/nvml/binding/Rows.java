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

/** A part of {@link ReadTable}, row by row. */
abstract class Rows {

    static final Conversion PERCENT = Conversion.upTo(100, 0.01);
    static final Conversion MILLIWATTS = Conversion.upTo(100_000_000, 0.001);
    static final Conversion MEGAHERTZ = Conversion.upTo(100_000, 1e6);
    static final Conversion YES_OR_NO = Conversion.upTo(1, 1);
    static final Conversion COUNT = Conversion.upTo(0xFFFF_FFFEL, 1);
    static final Conversion COUNT64 = Conversion.count64(1);

    /** The bytes of {@code nvmlFieldValue_t}. */
    static final int FIELD_SIZE = 40;

    final List<Row> all = new ArrayList<>();

    final void row(String symbol, Arguments arguments, Value... values) {
        all.add(new Row(symbol, arguments, values));
    }

    final void number(String symbol, DeviceMetric metric, Conversion conversion) {
        row(symbol, numbers(1), new Value(metric, 0, conversion));
    }

    /** The second number, at 4, is of no interest. */
    final void first(String symbol, DeviceMetric metric, Conversion conversion) {
        row(symbol, numbers(2), new Value(metric, 0, conversion));
    }

    /** A row for each of several things, whose codes go from 0 in the order of their labels; for each pair where there are two kinds. */
    final void choices(String symbol, Arguments arguments, Value value, List<List<String>> labels) {
        if (labels.isEmpty()) {
            row(symbol, arguments, value);
            return;
        }
        List<String> first = labels.get(0);
        for (int code = 0; code < first.size(); code++) {
            choices(
                    symbol,
                    arguments.choosing(code),
                    value.labelled(first.get(code)),
                    labels.subList(1, labels.size()));
        }
    }

    /** The values of one metric that follow each other in an answer, by their label. */
    static Value[] values(DeviceMetric metric, int first, int apart, Conversion conversion, List<String> labels) {
        return IntStream.range(0, labels.size())
                .mapToObj(i -> new Value(metric, first + i * apart, conversion, labels.get(i)))
                .toArray(Value[]::new);
    }

    /** A field, of which device or link it is asked, and the series that it is. */
    record Field(int scope, int id, DeviceMetric metric, String... labels) {}

    /** Several fields by one call; each has a return code of its own. */
    final void fields(Conversion conversion, Field... fields) {
        Value[] values = IntStream.range(0, fields.length)
                .mapToObj(i -> new Value(fields[i].metric(), i * FIELD_SIZE, conversion, fields[i].labels()))
                .toArray(Value[]::new);
        NvmlFunction.Call call = (device, answer) -> {
            for (int i = 0; i < fields.length; i++) {
                answer.putInt32(i * FIELD_SIZE, fields[i].id());
                answer.putInt32(i * FIELD_SIZE + 4, fields[i].scope());
            }
            int code = nvml.nvmlDeviceGetFieldValues(device, fields.length, answer.structAt(0, nvmlFieldValue_t::new));
            return code == nvml.NVML_SUCCESS ? ofAll(answer, fields.length) : Arguments.ifThere(code);
        };
        all.add(new Row("nvmlDeviceGetFieldValues", call, nvmlFieldValue_t.class, values));
    }

    final void fields(Conversion conversion, Stream<Field> fields) {
        fields(conversion, fields.toArray(Field[]::new));
    }

    /** The fields of one metric by the values of its last label, whose ids follow each other from the first. */
    static Stream<Field> consecutive(int scope, int first, DeviceMetric metric, List<String> names, String... before) {
        return IntStream.range(0, names.size())
                .mapToObj(i -> new Field(
                        scope,
                        first + i,
                        metric,
                        Stream.concat(Stream.of(before), Stream.of(names.get(i)))
                                .toArray(String[]::new)));
    }

    /** Success if one field has it, so that a call for fields that the card does not have is not made for ever. */
    private static int ofAll(NativeMemory answer, int fields) {
        boolean any = IntStream.range(0, fields).anyMatch(i -> answer.int32(i * FIELD_SIZE + 28) <= 0);
        return any ? nvml.NVML_SUCCESS : Arguments.ifThere(answer.int32(28));
    }
}
