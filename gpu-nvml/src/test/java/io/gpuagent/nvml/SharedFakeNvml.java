package io.gpuagent.nvml;

import io.gpuagent.device.GpuBackend;
import io.gpuagent.nvml.FakeNvml.Variant;
import io.gpuagent.testing.ScenarioPlayer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The stand-in library of the newest driver. It is mapped once per process, and all tests in the process share it. */
public final class SharedFakeNvml implements ScenarioPlayer {

    private static FakeNvml fake;
    private static int scenarios;

    /**
     * Returns the library, and builds it at the first call. If there is no C compiler, each test that needs the library
     * is then skipped individually.
     */
    public static FakeNvml library() {
        fake = fake != null ? fake : FakeNvml.build(Variant.DRIVER_580, untilExit());
        return fake;
    }

    @Override
    public GpuBackend backend(String scenario) {
        scenarios++;
        change(scenario);
        return NvmlBackend.withLibrary(library().library());
    }

    @Override
    public void change(String scenario) {
        library().play(scenario + "\nlibrary restart=" + scenarios + "\n");
    }

    private static Path untilExit() {
        try {
            Path directory = Files.createTempDirectory("fake-nvml-");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
