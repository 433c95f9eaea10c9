package io.gpuagent.nvml;

import io.gpuagent.testing.MigContract;
import io.gpuagent.testing.ScenarioPlayer;

class NvmlMigContractTest extends MigContract {

    @Override
    protected ScenarioPlayer player() {
        return new SharedFakeNvml();
    }
}
