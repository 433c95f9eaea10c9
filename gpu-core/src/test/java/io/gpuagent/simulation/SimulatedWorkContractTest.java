package io.gpuagent.simulation;

import io.gpuagent.testing.ScenarioPlayer;
import io.gpuagent.testing.WorkContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SimulatedWorkContractTest extends WorkContract {

    @TempDir
    Path directory;

    @Override
    protected ScenarioPlayer player() {
        return new ScenarioFile(directory);
    }
}
