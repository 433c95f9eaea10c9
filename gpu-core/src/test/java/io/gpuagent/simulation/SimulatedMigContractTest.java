package io.gpuagent.simulation;

import io.gpuagent.device.GpuBackend;
import io.gpuagent.testing.MigContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SimulatedMigContractTest extends MigContract {

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
