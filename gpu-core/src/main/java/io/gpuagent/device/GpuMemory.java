package io.gpuagent.device;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A GPU's memory in bytes, from one driver call, so that the parts add up.
 *
 * @param usedBytes with {@link Api#V2} without the driver's reserve, with {@link Api#V1} including it
 * @param reservedBytes the driver's reserve; null with {@link Api#V1}
 */
public record GpuMemory(
        Api api,
        long totalBytes,
        long usedBytes,
        long freeBytes,
        @Nullable Long reservedBytes) {

    /** Which of NVML's two memory calls answered; {@code nvml.h}, {@code nvmlMemory_t} and {@code nvmlMemory_v2_t}. */
    public enum Api {
        V1,
        V2;

        /** {@code v1} or {@code v2}, as the label {@code memory_api} has it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
