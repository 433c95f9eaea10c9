package io.gpuagent.simulation;

import io.gpuagent.device.GpuBackend;
import io.gpuagent.testing.MigContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.io.TempDir;

class SimulatedMigContractTest extends MigContract {

    @TempDir
    Path directory;

    @Override
    protected GpuBackend backend(String scenario) {
        change(scenario);
        try {
            return Simulation.of(directory.resolve("scenario")).backend();
        } catch (IOException | ScenarioException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    protected void change(String scenario) {
        try {
            Path next = Files.writeString(directory.resolve("next"), scenario);
            Files.move(next, directory.resolve("scenario"), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
