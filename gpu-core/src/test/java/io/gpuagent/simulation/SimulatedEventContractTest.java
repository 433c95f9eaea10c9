package io.gpuagent.simulation;

import io.gpuagent.testing.EventContract;
import io.gpuagent.testing.ScenarioPlayer;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SimulatedEventContractTest extends EventContract {

    @TempDir
    Path directory;

    @Override
    protected ScenarioPlayer player() {
        return new ScenarioFile(directory);
    }
}
