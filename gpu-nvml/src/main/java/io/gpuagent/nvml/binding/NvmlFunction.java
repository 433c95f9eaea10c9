package io.gpuagent.nvml.binding;

import java.util.List;
import org.bytedeco.cuda.nvml.nvmlDevice_st;

/**
 * A function of the library that asks one device.
 *
 * @param symbol the name the library exports
 * @param lost what is not told where the library has neither this function nor a newer one for the same; {@link #NOTHING} where an
 *     older one tells as much
 * @param call calls it; what it answers beside the return code lies in the memory
 * @param types the classes of the bindings that the call uses, initialised when the bindings are loaded
 */
public record NvmlFunction(String symbol, String lost, Call call, List<Class<?>> types) {

    public static final String NOTHING = "nothing";

    NvmlFunction(String symbol, String lost, Call call, Class<?>... types) {
        this(symbol, lost, call, List.of(types));
    }

    NvmlFunction(String symbol, String lost, Arguments arguments) {
        this(symbol, lost, arguments.of(symbol), List.copyOf(arguments.answers()));
    }

    /** The call itself. */
    @FunctionalInterface
    public interface Call {
        int on(nvmlDevice_st device, NativeMemory answer);
    }
}
