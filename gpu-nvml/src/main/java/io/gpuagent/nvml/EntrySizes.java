package io.gpuagent.nvml;

import io.gpuagent.nvml.binding.Nvml;
import io.gpuagent.nvml.binding.NvmlFunction;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Measures the size in bytes of a process list's entries, once per function and session.
 *
 * <p>The function's name does not determine the size. The entries of {@code _v3} functions had 24 bytes, then 32 in the
 * first R535 builds, then 24 again from 535.104.05 on (XuehaiPan/nvitop#75, gpuopenanalytics/pynvml#50). On R550,
 * entries of 16 bytes were seen (XuehaiPan/nvitop PR#226).
 */
final class EntrySizes {

    static final int MAX_SIZE = 32;
    private static final List<Integer> SIZES = List.of(16, 24, MAX_SIZE);

    private final Map<String, Integer> measured = new ConcurrentHashMap<>();

    /**
     * Returns the size of an entry in bytes.
     *
     * @param written how many bytes the library wrote, from the start of the first entry
     * @param entries how many entries the library reports, at least 1
     * @param capacity how many entries the buffer has room for. It must be coprime to 6, so that the size is
     *     unambiguous even if the library clears the whole buffer: a buffer full of small entries then never has the
     *     length of a shorter list of larger entries
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
     * Guesses the size if the measurement is inconclusive. The guess is used for one call only. The rule is nvitop's:
     * early R535 builds export the function for the confidential-compute memory size, but not the one for the detail
     * list.
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
