package io.gpuagent.nvml;

import io.gpuagent.testing.EventContract;
import io.gpuagent.testing.ScenarioPlayer;

class NvmlEventContractTest extends EventContract {

    @Override
    protected ScenarioPlayer player() {
        return new SharedFakeNvml();
    }
}
