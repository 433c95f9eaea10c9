package io.gpuagent.nvml;

import io.gpuagent.testing.BackendContract;
import io.gpuagent.testing.ScenarioPlayer;

class NvmlContractTest extends BackendContract {

    @Override
    protected ScenarioPlayer player() {
        return new SharedFakeNvml();
    }
}
