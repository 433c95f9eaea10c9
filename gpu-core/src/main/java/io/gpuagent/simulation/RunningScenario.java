package io.gpuagent.simulation;

import io.gpuagent.platform.FileStamp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A scenario that is being played. Its time starts when the object is created. If the scenario file changes, it is read
 * again, and time continues. Thread-safe.
 */
final class RunningScenario {

    private final @Nullable Path file;
    private final LongSupplier nanos;
    private final long start;
    private volatile Version version;

    RunningScenario(Scenario scenario, @Nullable Path file, LongSupplier nanos) {
        this.file = file;
        this.nanos = nanos;
        this.start = nanos.getAsLong();
        this.version = new Version(scenario, file == null ? null : FileStamp.of(file));
    }

    /**
     * A version of the scenario.
     *
     * @param stamp the file's stamp before the scenario was read; null without a file
     */
    private record Version(Scenario scenario, @Nullable FileStamp stamp) {}

    Moment now() {
        if (file != null) {
            FileStamp stamp = FileStamp.of(file);
            if (!stamp.equals(version.stamp())) {
                reread(file, stamp);
            }
        }
        return new Moment(version.scenario(), Duration.ofNanos(nanos.getAsLong() - start));
    }

    private synchronized void reread(Path file, FileStamp stamp) {
        if (stamp.equals(version.stamp())) {
            return;
        }
        try {
            version = new Version(Scenario.parse(Files.readString(file)), stamp);
        } catch (IOException | ScenarioException e) {
            version = new Version(version.scenario(), stamp);
            System.getLogger(RunningScenario.class.getName())
                    .log(System.Logger.Level.WARNING, "ignoring the change of " + file + ": " + e.getMessage());
        }
    }
}
