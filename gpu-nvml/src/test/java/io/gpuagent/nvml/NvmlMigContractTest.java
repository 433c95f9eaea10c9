package io.gpuagent.nvml;

import io.gpuagent.device.GpuBackend;
import io.gpuagent.testing.MigContract;

class NvmlMigContractTest extends MigContract {

    @Override
    protected GpuBackend backend(String scenario) {
        return MappedFake.backend(scenario);
    }

    @Override
    protected void change(String scenario) {
        MappedFake.change(scenario);
    }
}
