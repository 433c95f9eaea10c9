package io.gpuagent.nvml;

import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.DeviceFunctions;
import io.gpuagent.nvml.binding.NativeMemory;
import org.jspecify.annotations.Nullable;

/** A device's own count of the energy it uses: Volta and newer. */
final class EnergyCounter {

    private final DeviceCalls calls;
    private final NativeMemory answer = new NativeMemory(8);

    EnergyCounter(DeviceCalls calls) {
        this.calls = calls;
    }

    /** In millijoules; null where the device does not count. */
    @Nullable
    Long read(Findings findings) throws GpuUnavailableException {
        if (calls.ask(DeviceFunctions.ENERGY, answer, findings) != ReturnCode.SUCCESS) {
            return null;
        }
        long millijoules = answer.int64(0);
        if (millijoules < 0) {
            findings.reject(Findings.OVER_RANGE);
            return null;
        }
        return millijoules;
    }
}
