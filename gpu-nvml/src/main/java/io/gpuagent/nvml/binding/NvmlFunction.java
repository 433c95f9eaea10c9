package io.gpuagent.nvml.binding;

import org.bytedeco.cuda.nvml.nvmlDevice_st;

/**
 * A function of the library that asks one device.
 *
 * @param symbol the name the library exports
 * @param call calls it; what it answers beside the return code lies in the memory
 */
public record NvmlFunction(String symbol, Call call) {

    /** The call itself. */
    @FunctionalInterface
    public interface Call {
        int on(nvmlDevice_st device, NativeMemory answer);
    }
}
