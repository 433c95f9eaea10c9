package io.gpuagent.nvml.binding;

import java.util.List;
import org.bytedeco.cuda.nvml.nvmlDevice_st;

/**
 * A function of the library that reads from one device.
 *
 * @param symbol the name that the library exports
 * @param lost what is unavailable if the library has neither this function nor an alternative; {@link #NOTHING} if an
 *     older function provides the same
 * @param call calls the function, which writes its results to the buffer
 * @param types the classes of the bindings that the call uses, initialized when the bindings are loaded
 */
public record NvmlFunction(String symbol, String lost, Call call, List<Class<?>> types) {

    public static final String NOTHING = "nothing";

    NvmlFunction(String symbol, String lost, Call call, Class<?>... types) {
        this(symbol, lost, call, List.of(types));
    }

    NvmlFunction(String symbol, String lost, Arguments arguments) {
        this(symbol, lost, arguments.of(symbol), List.copyOf(arguments.outputs()));
    }

    /** A call of the function; returns NVML's return code. */
    @FunctionalInterface
    public interface Call {
        int on(nvmlDevice_st device, NativeMemory buffer);
    }
}
