package io.gpuagent.device;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A GPU's memory in bytes. All values come from one driver call, so the parts add up to the total.
 *
 * @param usedBytes excludes the driver's reserve with {@link Api#V2}, includes it with {@link Api#V1}
 * @param reservedBytes the driver's reserve; null with {@link Api#V1}
 */
public record GpuMemory(
        Api api,
        long totalBytes,
        long usedBytes,
        long freeBytes,
        @Nullable Long reservedBytes) {

    /** The NVML memory call that was used: {@code nvmlMemory_t} or {@code nvmlMemory_v2_t} in {@code nvml.h}. */
    public enum Api {
        V1,
        V2;

        /** {@code v1} or {@code v2}: the value of the label {@code memory_api}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
