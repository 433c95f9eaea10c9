package io.gpuagent.simulation;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.ReturnCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A scenario at the present moment. Time begins when the world does, and goes on when the scenario's file has changed and is read again.
 * Called from any thread.
 */
final class RunningScenario {

    private static final Duration HANG_STEP = Duration.ofMillis(10);

    private final @Nullable Path file;
    private final LongSupplier nanos;
    private final long began;
    private volatile Version version;

    RunningScenario(Scenario scenario, @Nullable Path file, LongSupplier nanos) {
        this.file = file;
        this.nanos = nanos;
        this.began = nanos.getAsLong();
        this.version = new Version(scenario, stamp());
    }

    /** @param stamp of the file when the scenario was read */
    private record Version(Scenario scenario, Object stamp) {}

    /** The moment at which everything of one answer is looked up. */
    record Moment(Scenario scenario, Duration time) {

        List<Statement> holding(StatementType form) {
            return holding(scenario.all(form));
        }

        /** The lines of a form that are about a device and hold. */
        List<Statement> holding(StatementType form, int device) {
            return holding(scenario.all(form).stream()
                    .filter(line -> line.device() == device)
                    .toList());
        }

        private List<Statement> holding(List<Statement> lines) {
            return scenario.holding(lines, time);
        }

        /** The process that is in /proc now. */
        Optional<Statement> process(int pid) {
            return holding(scenario.processes().getOrDefault(pid, List.of())).stream()
                    .filter(line -> line.get(Attribute.CGROUP) != null)
                    .findFirst();
        }

        Optional<Statement> container(String id) {
            return holding(scenario.containers().getOrDefault(id, List.of())).stream()
                    .findFirst();
        }

        long bytes(@Nullable Waveform size) {
            return size == null ? 0 : (long) size.at(time);
        }

        /** What the driver answers when it is initialised. */
        int driverCode() {
            return Objects.requireNonNullElse(Statement.last(holding(StatementType.DRIVER), Attribute.CODE), ReturnCode.SUCCESS);
        }
    }

    Moment now() {
        Object stamp = stamp();
        if (!stamp.equals(version.stamp())) {
            reread(stamp);
        }
        return new Moment(version.scenario(), Duration.ofNanos(nanos.getAsLong() - began));
    }

    private synchronized void reread(Object stamp) {
        if (file == null || stamp.equals(version.stamp())) {
            return;
        }
        try {
            version = new Version(Scenario.parse(Files.readString(file)), stamp);
        } catch (IOException | ScenarioException e) {
            version = new Version(version.scenario(), stamp);
            System.getLogger(RunningScenario.class.getName())
                    .log(System.Logger.Level.WARNING, file + " is not taken up: " + e.getMessage());
        }
    }

    private Object stamp() {
        if (file == null) {
            return "";
        }
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            return List.of(now.lastModifiedTime(), now.size(), String.valueOf(now.fileKey()));
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Goes through a driver call for a device, or for none, as its faults have it. */
    Optional<CallFault> call(int device, String function) {
        return call(device, Attribute.NO_SLOT, function);
    }

    /**
     * Goes through a driver call as its faults have it: late, never while it hangs, or with an error.
     *
     * @param slot the MIG instance that is called for
     * @return the fault it answers, empty if it succeeds
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
        return now().holding(StatementType.FAULT).stream()
                .filter(fault -> function.equals(fault.get(Attribute.CALL)))
                .filter(fault -> concerns(fault.get(Attribute.DEVICE_OR_ALL, Attribute.ALL), device))
                .filter(fault -> slot == Attribute.NO_SLOT
                        ? fault.get(Attribute.SLOT_OR_ALL) == null
                        : concerns(fault.get(Attribute.SLOT_OR_ALL, Attribute.NO_SLOT), slot))
                .toList();
    }

    private static boolean concerns(int those, int one) {
        return those == one || those == Attribute.ALL;
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            // As from the driver, nobody gets out of a call early.
        }
    }
}
