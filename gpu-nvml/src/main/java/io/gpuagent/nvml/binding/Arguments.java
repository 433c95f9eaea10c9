package io.gpuagent.nvml.binding;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlDevice_st;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * The arguments of an NVML function, without the device handle. The symbol's name is used to find the bindings'
 * function as well, so the function that is called is always the one that was looked up in the library.
 *
 * @param codes input numbers, such as the index of a fan
 * @param outputs the pointer types of the outputs
 * @param stride the distance between the outputs in the buffer, in bytes; the first is at 0
 * @param prepare writes the inputs that the function reads from the buffer
 */
record Arguments(
        List<Integer> codes, List<Class<? extends Pointer>> outputs, int stride, Consumer<NativeMemory> prepare) {

    /** One 64-bit output. */
    static final Arguments NUMBER64 = new Arguments(List.of(), List.of(LongPointer.class), 0, buffer -> {});

    /** Several consecutive 32-bit outputs. */
    static Arguments numbers(int count) {
        return new Arguments(List.of(), Collections.nCopies(count, IntPointer.class), 4, buffer -> {});
    }

    /**
     * Adds an input code, such as a fan index. The code may be out of range for a device, for example one with fewer
     * fans.
     */
    Arguments withCode(int code) {
        return new Arguments(Stream.concat(codes.stream(), Stream.of(code)).toList(), outputs, stride, prepare);
    }

    NvmlFunction.Call of(String symbol) {
        MethodHandle function = find(symbol);
        return (device, buffer) -> {
            prepare.accept(buffer);
            Pointer[] pointers = new Pointer[outputs.size()];
            Arrays.setAll(pointers, i -> buffer.at(i * stride));
            int code = call(function, device, pointers);
            return codes.isEmpty() ? code : invalidAsUnsupported(code);
        };
    }

    /**
     * Converts INVALID_ARGUMENT to NOT_SUPPORTED: NVML returns it for the index of a fan or link that the device does
     * not have.
     */
    static int invalidAsUnsupported(int code) {
        return code == nvml.NVML_ERROR_INVALID_ARGUMENT ? nvml.NVML_ERROR_NOT_SUPPORTED : code;
    }

    /**
     * Finds the function in the bindings. This does not initialize the classes of the bindings, which would fail before
     * their native libraries are mapped.
     */
    private MethodHandle find(String symbol) {
        MethodHandles.Lookup bindings = MethodHandles.publicLookup();
        int first = 1 + codes.size();
        try {
            MethodHandle function = bindings.findStatic(
                    nvml.class,
                    symbol,
                    methodType(int.class, nvmlDevice_st.class)
                            .appendParameterTypes(Collections.nCopies(codes.size(), int.class))
                            .appendParameterTypes(List.copyOf(outputs)));
            for (int i = 0; i < outputs.size(); i++) {
                MethodHandle constructor =
                        bindings.findConstructor(outputs.get(i), methodType(void.class, Pointer.class));
                function = MethodHandles.filterArguments(function, first + i, constructor);
            }
            return MethodHandles.insertArguments(function, 1, codes.toArray())
                    .asSpreader(Pointer[].class, outputs.size());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the bindings have no " + symbol + " with " + this, e);
        }
    }

    private static int call(MethodHandle function, nvmlDevice_st device, Pointer[] pointers) {
        try {
            return (int) function.invokeExact(device, pointers);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new UndeclaredThrowableException(e);
        }
    }
}
