package io.gpuagent.nvml;

import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.DeviceFunctions;
import io.gpuagent.nvml.binding.NativeMemory;
import org.jspecify.annotations.Nullable;

/** A device's memory, from the newer of NVML's two calls that it offers. */
final class MemoryFigures {

    private final DeviceCalls calls;
    private final NativeMemory answer = new NativeMemory(64);

    MemoryFigures(DeviceCalls calls) {
        this.calls = calls;
    }

    /** Null where the device has no figures of its own (GB10 answers NOT_SUPPORTED to both calls), or none that can be true. */
    @Nullable
    GpuMemory read(ReadProblems findings) throws GpuUnavailableException {
        int code = calls.ask(DeviceFunctions.MEMORY_V2, answer, findings);
        if (code == ReturnCode.SUCCESS) {
            return checked(v2(), findings);
        }
        if (code != ReturnCode.NOT_SUPPORTED) {
            return null;
        }
        code = calls.ask(DeviceFunctions.MEMORY_V1, answer, findings);
        return code == ReturnCode.SUCCESS ? checked(v1(), findings) : null;
    }

    private GpuMemory v2() {
        return new GpuMemory(GpuMemory.Api.V2, answer.int64(8), answer.int64(32), answer.int64(24), answer.int64(16));
    }

    private GpuMemory v1() {
        return new GpuMemory(GpuMemory.Api.V1, answer.int64(0), answer.int64(16), answer.int64(8), null);
    }

    /** SUCCESS with zeros and with garbage occurs on Jetson and other devices without a framebuffer (rbonghi/jetson_stats PR#698). */
    private static @Nullable GpuMemory checked(GpuMemory memory, ReadProblems findings) {
        if (memory.totalBytes() == 0) {
            findings.reject(ReadProblems.ZERO_TOTAL);
            return null;
        }
        Long reserved = memory.reservedBytes();
        if (memory.totalBytes() < 0
                || exceeds(memory.usedBytes(), memory.totalBytes())
                || exceeds(memory.freeBytes(), memory.totalBytes())
                || reserved != null && exceeds(reserved, memory.totalBytes())) {
            findings.reject(ReadProblems.OVER_RANGE);
            return null;
        }
        return memory;
    }

    private static boolean exceeds(long part, long total) {
        return Long.compareUnsigned(part, total) > 0;
    }
}
