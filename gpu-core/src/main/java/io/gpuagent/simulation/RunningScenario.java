package io.gpuagent.simulation;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.platform.FileStamp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A scenario that is being played. Its time starts when the object is created and continues when the scenario file
 * changes and is re-read. Thread-safe.
 */
final class RunningScenario {

    private static final Duration HANG_STEP = Duration.ofMillis(10);

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

    /** @param stamp the file's stamp when the scenario was read; null without a file */
    private record Version(Scenario scenario, @Nullable FileStamp stamp) {}

    /** The scenario at one instant; all values of one sample are taken from the same moment. */
    record Moment(Scenario scenario, Duration time) {

        List<Statement> active(StatementType type) {
            return active(scenario.all(type));
        }

        /** The active statements of a type for a device. */
        List<Statement> active(StatementType type, int device) {
            return active(scenario.all(type).stream()
                    .filter(statement -> statement.device() == device)
                    .toList());
        }

        private List<Statement> active(List<Statement> statements) {
            return scenario.active(statements, time);
        }

        /** The process with this pid, if it is in /proc now. */
        Optional<Statement> process(int pid) {
            return active(scenario.processes().getOrDefault(pid, List.of())).stream()
                    .filter(statement -> statement.get(Attribute.CGROUP) != null)
                    .findFirst();
        }

        Optional<Statement> container(String id) {
            return active(scenario.containers().getOrDefault(id, List.of())).stream()
                    .findFirst();
        }

        long bytes(@Nullable Waveform size) {
            return size == null ? 0 : (long) size.at(time);
        }

        /** The return code of the driver's initialisation. */
        int driverCode() {
            return Objects.requireNonNullElse(
                    Statement.last(active(StatementType.DRIVER), Attribute.CODE), ReturnCode.SUCCESS);
        }
    }

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

    /** Simulates a driver call for a device, or for {@link Attribute#ALL} if the function takes no device. */
    Optional<CallFault> call(int device, String function) {
        return call(device, Attribute.NO_SLOT, function);
    }

    /**
     * Simulates a driver call with its faults: sleeps while it is delayed or hangs, and returns its error.
     *
     * @param slot the slot of the MIG instance that the call is for, or {@link Attribute#NO_SLOT}
     * @return the call's fault; empty if it succeeds
     */
    Optional<CallFault> call(int device, int slot, String function) {
        List<Statement> entered = faults(device, slot, function);
        entered.forEach(fault -> sleep(fault.get(Attribute.DELAY, Duration.ZERO)));
        while (faults(device, slot, function).stream().anyMatch(fault -> fault.get(Attribute.HANG, false))) {
            sleep(HANG_STEP);
        }
        return entered.stream()
                .flatMap(fault -> Stream.ofNullable(fault.get(Attribute.CODE)))
                .map(code -> new CallFault(function, ReturnCode.name(code)))
                .findFirst();
    }

    private List<Statement> faults(int device, int slot, String function) {
        return now().active(StatementType.FAULT).stream()
                .filter(fault -> function.equals(fault.get(Attribute.CALL)))
                .filter(fault -> matches(fault.get(Attribute.DEVICE_OR_ALL, Attribute.ALL), device))
                .filter(fault -> slot == Attribute.NO_SLOT
                        ? fault.get(Attribute.SLOT_OR_ALL) == null
                        : matches(fault.get(Attribute.SLOT_OR_ALL, Attribute.NO_SLOT), slot))
                .toList();
    }

    private static boolean matches(int selected, int actual) {
        return selected == actual || selected == Attribute.ALL;
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            // A driver call cannot be interrupted either.
        }
    }
}
