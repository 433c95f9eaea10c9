package io.gpuagent.nvml;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.GpuUnavailableException;
import java.util.Optional;

/** A GPU that the driver counts and cannot open. */
record LostGpu(GpuIdentity identity, CallFault fault) implements Gpu {

    @Override
    public GpuSample read() throws GpuUnavailableException {
        throw new GpuUnavailableException(fault);
    }

    @Override
    public Optional<String> callInProgress() {
        return Optional.empty();
    }
}
