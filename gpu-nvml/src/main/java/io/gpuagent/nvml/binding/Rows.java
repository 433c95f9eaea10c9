package io.gpuagent.nvml.binding;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.nvml.binding.ReadTable.Row;
import io.gpuagent.nvml.binding.ReadTable.Value;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlDevice_st;
import org.bytedeco.cuda.nvml.nvmlFieldValue_t;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;

/** How rows of {@link ReadTable} are made where many have the same form. */
final class Rows {

    static final Conversion PERCENT = Conversion.upTo(100, 0.01);
    static final Conversion MILLIWATTS = Conversion.upTo(100_000_000, 0.001);
    static final Conversion MEGAHERTZ = Conversion.upTo(100_000, 1e6);
    static final Conversion YES_OR_NO = Conversion.upTo(1, 1);
    static final Conversion COUNT = Conversion.upTo(0xFFFF_FFFEL, 1);

    /** The bytes of {@code nvmlFieldValue_t}. */
    static final int FIELD_SIZE = 40;

    private Rows() {}

    /** A call that answers one number of 32 bits. */
    interface NumberCall {
        int on(nvmlDevice_st device, IntPointer number);
    }

    /** A call that answers one number of 32 bits for one of several things. */
    interface ChoiceCall {
        int on(nvmlDevice_st device, int which, IntPointer number);
    }

    interface PairCall {
        int on(nvmlDevice_st device, IntPointer first, IntPointer second);
    }

    static Row number(String symbol, NumberCall call, DeviceMetric metric, Conversion conversion) {
        return new Row(symbol, (device, answer) -> call.on(device, answer.intAt(0)), new Value(metric, 0, conversion));
    }

    /** The second number, at 4, is of no interest. */
    static Row first(String symbol, PairCall call, DeviceMetric metric, Conversion conversion) {
        return new Row(
                symbol,
                (device, answer) -> call.on(device, answer.intAt(0), answer.intAt(4)),
                new Value(metric, 0, conversion));
    }

    /** A row for each of several things, whose codes go from 0 in the order of their labels. */
    static Stream<Row> choices(
            String symbol, ChoiceCall call, DeviceMetric metric, Conversion conversion, List<String> labels) {
        return IntStream.range(0, labels.size())
                .mapToObj(code -> new Row(
                        symbol,
                        (device, answer) -> ifThere(call.on(device, code, answer.intAt(0))),
                        new Value(metric, 0, conversion, labels.get(code))));
    }

    /** A card that has no such fan or link calls the number of it an invalid argument. */
    static int ifThere(int code) {
        return code == nvml.NVML_ERROR_INVALID_ARGUMENT ? nvml.NVML_ERROR_NOT_SUPPORTED : code;
    }

    static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    /** A field, of which device or link it is asked, and the series that it is. */
    record Field(int scope, int id, DeviceMetric metric, String... labels) {}

    /** Several fields by one call; each has a return code of its own. */
    static Row fields(Conversion conversion, Field... fields) {
        Value[] values = IntStream.range(0, fields.length)
                .mapToObj(i -> new Value(fields[i].metric(), i * FIELD_SIZE, conversion, fields[i].labels()))
                .toArray(Value[]::new);
        NvmlFunction.Call call = (device, answer) -> {
            for (int i = 0; i < fields.length; i++) {
                answer.putInt32(i * FIELD_SIZE, fields[i].id());
                answer.putInt32(i * FIELD_SIZE + 4, fields[i].scope());
            }
            int code = nvml.nvmlDeviceGetFieldValues(device, fields.length, answer.structAt(0, nvmlFieldValue_t::new));
            return code == nvml.NVML_SUCCESS ? ofAll(answer, fields.length) : ifThere(code);
        };
        return new Row("nvmlDeviceGetFieldValues", nvmlFieldValue_t.class, call, values);
    }

    /** The fields of one metric by the values of its last label, whose ids follow each other from the first. */
    static Stream<Field> fields(int scope, int first, DeviceMetric metric, List<String> names, String... before) {
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
        return any ? nvml.NVML_SUCCESS : ifThere(answer.int32(28));
    }

    /** A call that answers one number of 64 bits. */
    interface LongCall {
        int on(nvmlDevice_st device, LongPointer number);
    }

    static Row number64(String symbol, LongCall call, Value... values) {
        return new Row(symbol, (device, answer) -> ifThere(call.on(device, answer.longAt(0))), values);
    }
}
