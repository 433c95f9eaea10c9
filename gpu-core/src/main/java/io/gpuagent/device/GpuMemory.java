package io.gpuagent.device;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a GPU or MIG instance, in bytes. All values come from one driver call, so the parts add up to the
 * total.
 *
 * @param usedBytes used memory; excludes the driver's reserve with {@link Api#V2} and includes it with {@link Api#V1}
 * @param reservedBytes the driver's reserve; null with {@link Api#V1}
 */
public record GpuMemory(
        Api api,
        long totalBytes,
        long usedBytes,
        long freeBytes,
        @Nullable Long reservedBytes) {

    /**
     * The NVML structure that the values come from: {@code nvmlMemory_t} or {@code nvmlMemory_v2_t} in {@code nvml.h}.
     */
    public enum Api {
        V1,
        V2;

        /** The value of the label {@code memory_api}: {@code v1} or {@code v2}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
