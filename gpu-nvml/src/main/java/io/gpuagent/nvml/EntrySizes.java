package io.gpuagent.nvml;

import io.gpuagent.nvml.binding.Nvml;
import io.gpuagent.nvml.binding.NvmlFunction;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The size in bytes of the entries of a process list, measured per function and session.
 *
 * <p>The symbol's name does not determine it: {@code _v3} had entries of 24 bytes, then 32 in the first R535 builds,
 * then 24 again from 535.104.05 on (XuehaiPan/nvitop#75, gpuopenanalytics/pynvml#50), and entries of 16 bytes were seen
 * on R550 (XuehaiPan/nvitop PR#226).
 */
final class EntrySizes {

    static final int MAX_SIZE = 32;
    private static final List<Integer> SIZES = List.of(16, 24, MAX_SIZE);

    private final Map<String, Integer> measured = new ConcurrentHashMap<>();

    /**
     * The size of an entry in bytes.
     *
     * @param written how many bytes the library wrote, from the start of the first entry
     * @param entries how many entries the library reports, at least 1
     * @param capacity how many entries the buffer has room for; coprime to 6, so that a library that clears the whole
     *     buffer is recognized by {@code written}
     */
    int of(NvmlFunction function, int written, int entries, int capacity, Nvml nvml) {
        Integer known = measured.get(function.symbol());
        if (known != null) {
            return known;
        }
        for (int size : SIZES) {
            if (written == entries * size || written == capacity * size) {
                measured.put(function.symbol(), size);
                return size;
            }
        }
        return guess(function, nvml);
    }

    /** Discards a measured size that produced an invalid list. */
    void forget(NvmlFunction function) {
        measured.remove(function.symbol());
    }

    /**
     * A guess, used for one call only. It follows nvitop: early R535 builds export the confidential-compute memory size
     * and not yet the detail list.
     */
    private static int guess(NvmlFunction function, Nvml nvml) {
        if (function.symbol().endsWith("_v3")) {
            boolean early535 = nvml.exports("nvmlDeviceGetConfComputeMemSizeInfo")
                    && !nvml.exports("nvmlDeviceGetRunningProcessDetailList");
            return early535 ? MAX_SIZE : 24;
        }
        return function.symbol().endsWith("_v2") ? 24 : 16;
    }
}
