package io.gpuagent.nvml;

import io.gpuagent.device.GpuBackend;
import io.gpuagent.testing.EventContract;

class NvmlEventContractTest extends EventContract {

    @Override
    protected GpuBackend backend(String scenario) {
        return MappedFake.backend(scenario);
    }

    @Override
    protected void change(String scenario) {
        MappedFake.change(scenario);
    }
}
