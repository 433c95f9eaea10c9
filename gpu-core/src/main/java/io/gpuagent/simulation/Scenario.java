package io.gpuagent.simulation;

import io.gpuagent.device.Engine;
import io.gpuagent.device.GpuDetail;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.process.ProcessIdentity;
import io.gpuagent.process.ProcessStat;
import io.gpuagent.workload.ContainerDetails;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a scenario file says, line by line, in the terms of SCENARIO.md. */
record Scenario(
        @Nullable Duration cycle,
        List<Driver> drivers,
        List<Device> devices,
        List<Instance> instances,
        List<Proc> procs,
        List<Container> containers,
        List<Fault> faults,
        List<Xid> xids) {

    /** Any device, or any slot, in a {@link Fault}. */
    static final int ALL = -1;

    /** The device itself, none of its MIG instances. */
    static final int NO_SLOT = -2;

    /** The time in which a line holds. */
    record Span(Duration from, @Nullable Duration until) {

        boolean holds(Duration time) {
            return time.compareTo(from) >= 0 && (until == null || time.compareTo(until) < 0);
        }
    }

    /** A line that holds for a time. */
    interface Timed {
        Span span();
    }

    record Driver(
            Span span, @Nullable String version, @Nullable Integer code) implements Timed {}

    /** A line of a device: what it leaves out is null or missing, and may stand on another line. */
    record Device(
            Span span,
            int index,
            @Nullable String uuid,
            @Nullable String name,
            @Nullable String bus,
            @Nullable Quantity total,
            @Nullable Quantity used,
            @Nullable Quantity other,
            @Nullable Quantity reserved,
            @Nullable Boolean mig,
            @Nullable Boolean accounting,
            @Nullable Double energy,
            @Nullable Duration energyReset,
            Map<SimulatedReading, Quantity> readings,
            Map<GpuDetail, String> details)
            implements Timed {}

    /** A MIG instance of a device. */
    record Instance(
            Span span,
            int device,
            int slot,
            int gi,
            int ci,
            String uuid,
            String profile,
            @Nullable Quantity total,
            @Nullable Quantity used,
            @Nullable Quantity reserved)
            implements Timed {}

    /**
     * A row of a device's process lists.
     *
     * @param percents how busy the process keeps the device; empty where the line says nothing of it
     * @param accounted the most memory that the process held, by the driver's account; null where it has none or cannot tell
     */
    record Proc(
            Span span,
            int device,
            int pid,
            @Nullable Quantity memory,
            Set<GpuProcess.Kind> kinds,
            String instance,
            Map<Engine, Quantity> percents,
            @Nullable Quantity accounted,
            @Nullable HostProcess host)
            implements Timed {}

    /** What /proc says of a process. */
    record HostProcess(
            ProcessIdentity identity,
            String comm,
            char state,
            String cgroup,
            int uid,
            @Nullable String user) {

        ProcessStat stat() {
            return new ProcessStat(identity, comm, state);
        }
    }

    record Container(Span span, String id, ContainerDetails details) implements Timed {}

    record Fault(
            Span span,
            int device,
            int slot,
            String function,
            @Nullable Integer code,
            Duration delay,
            boolean hang) implements Timed {

        boolean concerns(int index, int place, String call) {
            boolean there = slot == place || slot == ALL && place != NO_SLOT;
            return (device == index || device == ALL) && there && function.equals(call);
        }
    }

    /** Errors of a device, all at the moment at which the line begins to hold. */
    record Xid(Span span, int device, int code, int count, String instance) implements Timed {}

    /** How often the scenario has begun anew. */
    long round(Duration time) {
        return cycle == null ? 0 : time.toNanos() / cycle.toNanos();
    }

    /** The lines that hold so long after the scenario began. */
    <T extends Timed> List<T> holding(List<T> lines, Duration time) {
        Duration inCycle = inCycle(time);
        return lines.stream().filter(line -> line.span().holds(inCycle)).toList();
    }

    /** When one of the lines next begins or ceases to hold, or all their times start anew; empty if that is never. */
    <T extends Timed> Optional<Duration> nextChange(List<T> lines, Duration time) {
        Duration inCycle = inCycle(time);
        return Stream.concat(
                        Stream.ofNullable(cycle),
                        lines.stream()
                                .flatMap(line -> Stream.of(
                                                Optional.of(line.span().from()),
                                                Optional.ofNullable(line.span().until()))
                                        .flatMap(Optional::stream)))
                .filter(end -> end.compareTo(inCycle) > 0)
                .min(Comparator.naturalOrder())
                .map(end -> time.minus(inCycle).plus(end));
    }

    private Duration inCycle(Duration time) {
        return cycle == null ? time : Duration.ofNanos(time.toNanos() % cycle.toNanos());
    }
}
