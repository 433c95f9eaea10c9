package io.gpuagent.nvml.binding;

import org.bytedeco.cuda.nvml.nvmlDevice_st;

/**
 * A function of the library that asks one device.
 *
 * @param symbol the name the library exports
 * @param lost what is not told where the library has neither this function nor a newer one for the same; {@link #NOTHING} where an
 *     older one tells as much
 * @param call calls it; what it answers beside the return code lies in the memory
 */
public record NvmlFunction(String symbol, String lost, Call call) {

    public static final String NOTHING = "nothing";

    /** The call itself. */
    @FunctionalInterface
    public interface Call {
        int on(nvmlDevice_st device, NativeMemory answer);
    }
}
