package io.gpuagent.nvml;

import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.DeviceFunctions;
import io.gpuagent.nvml.binding.NativeMemory;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the memory of a device. NVML has two functions for it; the older one is used if the newer one fails. */
final class MemoryInfo {

    private final DeviceCalls calls;
    private final NativeMemory buffer = new NativeMemory(64);

    /**
     * Whether the newer function failed and the older one worked. From then on only the older one is called, since the
     * two define used memory differently.
     */
    private boolean older;

    MemoryInfo(DeviceCalls calls) {
        this.calls = calls;
    }

    /**
     * Returns null if the device reports no memory (GB10 returns NOT_SUPPORTED from both functions) or implausible
     * values.
     */
    @Nullable
    GpuMemory read(ReadProblems problems) throws GpuUnavailableException {
        int newer = older ? ReturnCode.NOT_SUPPORTED : calls.query(DeviceFunctions.MEMORY_V2, buffer, problems);
        if (newer == ReturnCode.SUCCESS) {
            return checked(DeviceFunctions.memoryOfV2(buffer), problems);
        }
        // If both functions fail, only the fault of the newer one is recorded.
        ReadProblems ofOlder = newer == ReturnCode.NOT_SUPPORTED ? problems : new ReadProblems();
        if (calls.query(DeviceFunctions.MEMORY_V1, buffer, ofOlder) == ReturnCode.SUCCESS) {
            older = true;
            return checked(DeviceFunctions.memoryOfV1(buffer), problems);
        }
        calls.retry(List.of(
                DeviceFunctions.MEMORY_V2,
                DeviceFunctions.MEMORY_V1)); // memory is essential: try again at the next sample
        return null;
    }

    /**
     * Rejects implausible values. Jetson and other devices without a framebuffer return SUCCESS with zeros or garbage
     * (rbonghi/jetson_stats PR#698).
     */
    private static @Nullable GpuMemory checked(GpuMemory memory, ReadProblems problems) {
        if (memory.totalBytes() == 0) {
            problems.reject(ReadProblems.ZERO_TOTAL);
            return null;
        }
        Long reserved = memory.reservedBytes();
        if (exceeds(memory.totalBytes(), DeviceFunctions.MAX_MEMORY)
                || exceeds(memory.usedBytes(), memory.totalBytes())
                || exceeds(memory.freeBytes(), memory.totalBytes())
                || reserved != null && exceeds(reserved, memory.totalBytes())) {
            problems.reject(ReadProblems.OVER_RANGE);
            return null;
        }
        return memory;
    }

    private static boolean exceeds(long part, long total) {
        return Long.compareUnsigned(part, total) > 0;
    }
}
