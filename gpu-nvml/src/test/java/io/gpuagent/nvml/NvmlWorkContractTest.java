package io.gpuagent.nvml;

import io.gpuagent.testing.ScenarioPlayer;
import io.gpuagent.testing.WorkContract;

class NvmlWorkContractTest extends WorkContract {

    @Override
    protected ScenarioPlayer player() {
        return new SharedFakeNvml();
    }
}
