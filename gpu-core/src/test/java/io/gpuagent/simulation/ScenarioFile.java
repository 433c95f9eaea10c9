package io.gpuagent.simulation;

import io.gpuagent.device.GpuBackend;
import io.gpuagent.testing.ScenarioPlayer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Plays a scenario from a file in a directory, and replaces the file atomically when the scenario changes. */
record ScenarioFile(Path directory) implements ScenarioPlayer {

    @Override
    public GpuBackend backend(String scenario) {
        change(scenario);
        try {
            return Simulation.of(directory.resolve("scenario")).backend();
        } catch (IOException | ScenarioException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void change(String scenario) {
        try {
            Path next = Files.writeString(directory.resolve("next"), scenario);
            Files.move(next, directory.resolve("scenario"), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
