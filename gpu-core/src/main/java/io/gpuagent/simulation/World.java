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
final class World {

    private static final Duration HANG_STEP = Duration.ofMillis(10);

    private final @Nullable Path file;
    private final LongSupplier nanos;
    private final long began;
    private volatile Version version;

    World(Scenario scenario, @Nullable Path file, LongSupplier nanos) {
        this.file = file;
        this.nanos = nanos;
        this.began = nanos.getAsLong();
        this.version = new Version(scenario, stamp());
    }

    /** @param stamp of the file when the scenario was read */
    private record Version(Scenario scenario, Object stamp) {}

    /** The moment at which everything of one answer is looked up. */
    record Moment(Scenario scenario, Duration time) {

        List<Line> holding(Form form) {
            return holding(scenario.all(form));
        }

        /** The lines of a form that are about a device and hold. */
        List<Line> holding(Form form, int device) {
            return holding(scenario.all(form).stream()
                    .filter(line -> line.device() == device)
                    .toList());
        }

        private List<Line> holding(List<Line> lines) {
            return scenario.holding(lines, time);
        }

        /** The process that is in /proc now. */
        Optional<Line> process(int pid) {
            return holding(scenario.processes().getOrDefault(pid, List.of())).stream()
                    .filter(line -> line.get(Key.CGROUP) != null)
                    .findFirst();
        }

        Optional<Line> container(String id) {
            return holding(scenario.containers().getOrDefault(id, List.of())).stream()
                    .findFirst();
        }

        long bytes(@Nullable Quantity size) {
            return size == null ? 0 : (long) size.at(time);
        }

        /** What the driver answers when it is initialised. */
        int driverCode() {
            return Objects.requireNonNullElse(Line.last(holding(Form.DRIVER), Key.CODE), ReturnCode.SUCCESS);
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
            System.getLogger(World.class.getName())
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
        return call(device, Key.NO_SLOT, function);
    }

    /**
     * Goes through a driver call as its faults have it: late, never while it hangs, or with an error.
     *
     * @param slot the MIG instance that is called for
     * @return the fault it answers, empty if it succeeds
     */
    Optional<CallFault> call(int device, int slot, String function) {
        List<Line> entered = faults(device, slot, function);
        entered.forEach(fault -> sleep(fault.get(Key.DELAY, Duration.ZERO)));
        while (faults(device, slot, function).stream().anyMatch(fault -> fault.get(Key.HANG, false))) {
            sleep(HANG_STEP);
        }
        return entered.stream()
                .flatMap(fault -> Stream.ofNullable(fault.get(Key.CODE)))
                .map(code -> new CallFault(function, ReturnCode.name(code)))
                .findFirst();
    }

    private List<Line> faults(int device, int slot, String function) {
        return now().holding(Form.FAULT).stream()
                .filter(fault -> function.equals(fault.get(Key.CALL)))
                .filter(fault -> concerns(fault.get(Key.DEVICE_OR_ALL, Key.ALL), device))
                .filter(fault -> slot == Key.NO_SLOT
                        ? fault.get(Key.SLOT_OR_ALL) == null
                        : concerns(fault.get(Key.SLOT_OR_ALL, Key.NO_SLOT), slot))
                .toList();
    }

    private static boolean concerns(int those, int one) {
        return those == one || those == Key.ALL;
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            // As from the driver, nobody gets out of a call early.
        }
    }
}
