package io.gpuagent.nvml;

import io.gpuagent.nvml.binding.Nvml;
import io.gpuagent.nvml.binding.NvmlFunction;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many bytes apart a library puts the entries of its process lists, measured per function and session.
 *
 * <p>The symbol does not tell: {@code _v3} had entries of 24 bytes, of 32 in the first builds of R535, and of 24 again from 535.104.05
 * (XuehaiPan/nvitop#75, gpuopenanalytics/pynvml#50), and 16 were seen on R550 (XuehaiPan/nvitop PR#226).
 */
final class EntrySizes {

    static final int LARGEST = 32;
    private static final List<Integer> SIZES = List.of(16, 24, LARGEST);

    private final Map<String, Integer> measured = new ConcurrentHashMap<>();

    /**
     * The size of an entry, in bytes.
     *
     * @param written how far from the first entry's start the library wrote
     * @param entries how many entries it says it wrote, at least 1
     * @param offered how many would have had room; prime to 6, so that a library that clears all of it is told from one that does not
     */
    int of(NvmlFunction function, int written, int entries, int offered, Nvml nvml) {
        Integer known = measured.get(function.symbol());
        if (known != null) {
            return known;
        }
        for (int size : SIZES) {
            if (written == entries * size || written == offered * size) {
                measured.put(function.symbol(), size);
                return size;
            }
        }
        return likely(function, nvml);
    }

    /** What was measured did not hold: the list made no sense. */
    void forget(NvmlFunction function) {
        measured.remove(function.symbol());
    }

    /** A guess for one call: the rule of nvitop, that early R535 had the protected memory's size and no detail list yet. */
    private static int likely(NvmlFunction function, Nvml nvml) {
        if (function.symbol().endsWith("_v3")) {
            boolean early535 = nvml.exports("nvmlDeviceGetConfComputeMemSizeInfo")
                    && !nvml.exports("nvmlDeviceGetRunningProcessDetailList");
            return early535 ? LARGEST : 24;
        }
        return function.symbol().endsWith("_v2") ? 24 : 16;
    }
}
