package io.gpuagent.simulation;

import io.gpuagent.device.GpuBackend;
import io.gpuagent.testing.BackendContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SimulatedContractTest extends BackendContract {

    @TempDir
    Path directory;

    @Override
    protected GpuBackend backend(String scenario) {
        return new ScenarioFile(directory).backend(scenario);
    }

    @Override
    protected void change(String scenario) {
        new ScenarioFile(directory).change(scenario);
    }
}
