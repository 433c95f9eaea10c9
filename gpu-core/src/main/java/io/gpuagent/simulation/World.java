package io.gpuagent.simulation;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.workload.ContainerDetails;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
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

    /** A scenario with what is looked up by name, which a node of many processes asks for all the time. */
    private record Version(
            Scenario scenario,
            Object stamp,
            Map<Integer, List<Scenario.Proc>> procs,
            Map<String, List<Scenario.Container>> containers) {

        Version(Scenario scenario, Object stamp) {
            this(
                    scenario,
                    stamp,
                    scenario.procs().stream().collect(Collectors.groupingBy(Scenario.Proc::pid)),
                    scenario.containers().stream().collect(Collectors.groupingBy(Scenario.Container::id)));
        }
    }

    /** The moment at which everything of one answer is looked up. */
    record Moment(Version version, Duration time) {

        /** What /proc says of the process now, if it is there. */
        Optional<Scenario.HostProcess> process(int pid) {
            return scenario().holding(version.procs().getOrDefault(pid, List.of()), time).stream()
                    .map(Scenario.Proc::host)
                    .filter(Objects::nonNull)
                    .findFirst();
        }

        /** What a process of the user's says he is called. */
        Optional<String> user(int uid) {
            return scenario().procs().stream()
                    .map(Scenario.Proc::host)
                    .filter(host -> host != null && host.uid() == uid && host.user() != null)
                    .map(host -> Objects.requireNonNull(host.user()))
                    .findFirst();
        }

        /** The container of that id, if there is one now. */
        Optional<ContainerDetails> container(String id) {
            return scenario().holding(version.containers().getOrDefault(id, List.of()), time).stream()
                    .map(Scenario.Container::details)
                    .findFirst();
        }

        private Scenario scenario() {
            return version.scenario();
        }

        <T extends Scenario.Timed> List<T> holding(Function<Scenario, List<T>> lines) {
            return scenario().holding(lines.apply(scenario()), time);
        }

        /** The errors that happen in this round of the scenario, those that happened in it already included. */
        List<Scenario.Xid> xids() {
            return holding(Scenario::xids);
        }

        /** How often the scenario has begun anew. */
        long round() {
            return scenario().round(time);
        }

        /** The lines that hold at any time. */
        <T extends Scenario.Timed> List<T> all(Function<Scenario, List<T>> lines) {
            return lines.apply(scenario());
        }

        /** Those of the lines that hold at another time. */
        <T extends Scenario.Timed> List<T> holding(List<T> lines, Duration at) {
            return scenario().holding(lines, at);
        }

        /** When one of the lines next begins or ceases to hold after a time; empty if that is never. */
        <T extends Scenario.Timed> Optional<Duration> nextChange(List<T> lines, Duration after) {
            return scenario().nextChange(lines, after);
        }

        /** What the driver answers when it is initialised. */
        int driverCode() {
            return holding(Scenario::drivers).stream()
                    .map(Scenario.Driver::code)
                    .filter(Objects::nonNull)
                    .reduce(ReturnCode.SUCCESS, (one, other) -> other);
        }
    }

    Moment now() {
        Object stamp = stamp();
        if (!stamp.equals(version.stamp())) {
            reread(stamp);
        }
        return new Moment(version, Duration.ofNanos(nanos.getAsLong() - began));
    }

    private synchronized void reread(Object stamp) {
        try {
            version = new Version(ScenarioParser.parse(Files.readString(file)), stamp);
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
        return call(device, Scenario.NO_SLOT, function);
    }

    /**
     * Goes through a driver call as its faults have it: late, never while it hangs, or with an error.
     *
     * @param slot the MIG instance that is called for
     * @return the fault it answers, empty if it succeeds
     */
    Optional<CallFault> call(int device, int slot, String function) {
        Moment entered = now();
        faults(entered, device, slot, function).forEach(fault -> sleep(fault.delay()));
        while (faults(now(), device, slot, function).stream().anyMatch(Scenario.Fault::hang)) {
            sleep(HANG_STEP);
        }
        return faults(entered, device, slot, function).stream()
                .filter(fault -> fault.code() != null)
                .map(fault -> new CallFault(function, ReturnCode.name(fault.code())))
                .findFirst();
    }

    private static List<Scenario.Fault> faults(Moment moment, int device, int slot, String function) {
        return moment.holding(Scenario::faults).stream()
                .filter(fault -> fault.concerns(device, slot, function))
                .toList();
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            // As from the driver, nobody gets out of a call early.
        }
    }
}
