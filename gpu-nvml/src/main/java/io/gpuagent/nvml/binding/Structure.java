package io.gpuagent.nvml.binding;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.nvml.binding.ReadTable.Value;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.bytedeco.javacpp.Pointer;

/**
 * A structure of {@code nvml.h} that a function writes to the start of a buffer. Its class in the bindings defines the
 * offsets of the members.
 *
 * @param view the constructor of {@code type} that takes an address
 * @param prepare sets the members that the function reads
 */
record Structure<T extends Pointer>(Class<T> type, Function<Pointer, T> view, Consumer<T> prepare) {

    Structure(Class<T> type, Function<Pointer, T> view) {
        this(type, view, structure -> {});
    }

    /**
     * Returns the version that NVML expects in a structure, which combines its size with a number ({@code
     * NVML_STRUCT_VERSION}).
     */
    static int version(Pointer structure, int number) {
        return structure.sizeof() | number << 24;
    }

    T in(NativeMemory buffer) {
        return view.apply(buffer.at(0));
    }

    Arguments arguments() {
        return new Arguments(List.of(), List.of(type), 0, buffer -> prepare.accept(in(buffer)));
    }

    Value value(DeviceMetric metric, ToLongFunction<T> member, Conversion conversion, String... labels) {
        return value(metric, structure -> conversion.of(member.applyAsLong(structure)), labels);
    }

    Value value(DeviceMetric metric, ToDoubleFunction<T> number, String... labels) {
        return new Value(metric, List.of(labels), buffer -> number.applyAsDouble(in(buffer)));
    }
}
