package io.gpuagent.nvml.binding;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlDevice_st;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * What a function is given after the device. The function itself is found in the bindings by the name that the library exports, so that
 * what is looked up there and what is called cannot be two.
 *
 * @param choices numbers, such as which fan
 * @param answers the types of what it writes into
 * @param apart how many bytes those are apart, from the beginning of the answer on
 * @param words what the answer begins with before the call
 */
record Arguments(List<Integer> choices, List<Class<? extends Pointer>> answers, int apart, List<Integer> words) {

    /** One number of 64 bits. */
    static final Arguments NUMBER64 = structure(LongPointer.class);

    /** Numbers of 32 bits. */
    static Arguments numbers(int count) {
        return new Arguments(List.of(), Collections.nCopies(count, IntPointer.class), 4, List.of());
    }

    static Arguments structure(Class<? extends Pointer> type) {
        return new Arguments(List.of(), List.of(type), 0, List.of());
    }

    /** Of several things the one with this code; a card may have fewer of them. */
    Arguments choosing(int code) {
        return new Arguments(Stream.concat(choices.stream(), Stream.of(code)).toList(), answers, apart, words);
    }

    Arguments after(Integer... first) {
        return new Arguments(choices, answers, apart, List.of(first));
    }

    NvmlFunction.Call of(String symbol) {
        MethodHandle function = find(symbol);
        return (device, answer) -> {
            for (int i = 0; i < words.size(); i++) {
                answer.putInt32(4 * i, words.get(i));
            }
            Pointer[] places = new Pointer[answers.size()];
            Arrays.setAll(places, i -> answer.at(i * apart));
            int code = call(function, device, places);
            return choices.isEmpty() ? code : ifThere(code);
        };
    }

    /** A card that has no such fan or link calls the number of it an invalid argument. */
    static int ifThere(int code) {
        return code == nvml.NVML_ERROR_INVALID_ARGUMENT ? nvml.NVML_ERROR_NOT_SUPPORTED : code;
    }

    /** Finding initialises no class of the bindings, which may not be before their natives are mapped. */
    private MethodHandle find(String symbol) {
        MethodHandles.Lookup bindings = MethodHandles.publicLookup();
        int first = 1 + choices.size();
        try {
            MethodHandle function = bindings.findStatic(
                    nvml.class,
                    symbol,
                    methodType(int.class, nvmlDevice_st.class)
                            .appendParameterTypes(Collections.nCopies(choices.size(), int.class))
                            .appendParameterTypes(List.copyOf(answers)));
            for (int i = 0; i < answers.size(); i++) {
                MethodHandle place = bindings.findConstructor(answers.get(i), methodType(void.class, Pointer.class));
                function = MethodHandles.filterArguments(function, first + i, place);
            }
            return MethodHandles.insertArguments(function, 1, choices.toArray())
                    .asSpreader(Pointer[].class, answers.size());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the bindings have no " + symbol + " with " + this, e);
        }
    }

    private static int call(MethodHandle function, nvmlDevice_st device, Pointer[] places) {
        try {
            return (int) function.invokeExact(device, places);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new UndeclaredThrowableException(e);
        }
    }
}
