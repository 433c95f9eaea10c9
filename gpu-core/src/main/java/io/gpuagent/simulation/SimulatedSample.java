package io.gpuagent.simulation;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.MetricGroup;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.device.MigInstance;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.ProcessUtilization;
import io.gpuagent.device.Reading;
import io.gpuagent.device.ReturnCode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Builds the sample of a simulated device at one moment. */
final class SimulatedSample {

    private final Moment moment;
    private final GpuIdentity identity;
    private final Faults faults;
    private final MetricSelection selection;
    private final List<Statement> statements;
    private final List<Statement> processes;
    private final boolean mig;
    private final List<CallFault> failures = new ArrayList<>();
    private final List<String> rejections = new ArrayList<>();

    SimulatedSample(Moment moment, GpuIdentity identity, Faults faults, MetricSelection selection) {
        this.moment = moment;
        this.identity = identity;
        this.faults = faults;
        this.selection = selection;
        this.statements = moment.active(StatementType.DEVICE, identity.index());
        this.processes = moment.active(StatementType.PROC, identity.index());
        this.mig = Boolean.TRUE.equals(Statement.last(statements, Attribute.MIG));
    }

    /** The statements of the processes on the device. */
    List<Statement> processes() {
        return processes;
    }

    /**
     * Builds the sample.
     *
     * @param previous the processes of the previous sample
     */
    GpuSample read(List<Statement> previous, SimulatedEnergy energy) throws GpuUnavailableException {
        Optional<CallFault> lost =
                faults.await(Faults.DEVICE).or(moment::driverFault).or(this::absence);
        if (lost.isPresent()) {
            throw new GpuUnavailableException(lost.get());
        }
        List<GpuProcess> rows = processes.stream().map(this::row).toList();
        boolean hasMemory = works(Faults.MEMORY);
        GpuMemory memory = hasMemory ? memory(statements, held(rows)) : null;
        List<MigInstance> instances = mig ? instances(rows, hasMemory) : List.of();
        ProcessList list = processList(rows);
        Map<Integer, Long> endedPeaks = list instanceof ProcessList.Known ? endedPeaks(previous) : Map.of();
        ProcessUtilization utilization = !mig && works(Faults.UTILIZATION)
                ? SimulatedWork.utilization(moment, identity.index(), rejections)
                : null;
        Long millijoules = works(Faults.ENERGY) ? energy.millijoules(moment) : null;
        return new GpuSample(
                memory, list, instances, readings(), utilization, millijoules, endedPeaks, failures, rejections);
    }

    /** Why the device cannot be read if it was removed, or if another device has its index; empty otherwise. */
    private Optional<CallFault> absence() {
        return statements.stream().anyMatch(statement -> identity.uuid().equals(statement.get(Attribute.UUID)))
                ? Optional.empty()
                : Optional.of(new CallFault(Faults.DEVICE, ReturnCode.name(ReturnCode.GPU_IS_LOST)));
    }

    /** Whether a capability works. If the device does not support it, no failure is recorded. */
    private boolean works(String capability) {
        Optional<CallFault> failure = faults.await(capability);
        failure.filter(failed -> !ReturnCode.notOffered(failed)).ifPresent(failures::add);
        return failure.isEmpty();
    }

    private GpuProcess row(Statement process) {
        Waveform memory = process.get(Attribute.MEMORY);
        return new GpuProcess(
                process.get(Attribute.PID, 0),
                mig ? process.mig() : "",
                memory == null ? null : Long.valueOf(moment.bytes(memory)),
                process.get(Attribute.LISTS, EnumSet.of(GpuProcess.Kind.COMPUTE)));
    }

    /**
     * Returns the memory of a device or of a MIG instance; null if its statements set no total.
     *
     * @param held the memory of its processes, in bytes
     */
    private @Nullable GpuMemory memory(List<Statement> owner, long held) {
        Waveform totalMemory = Statement.last(owner, Attribute.TOTAL);
        if (totalMemory == null) {
            return null;
        }
        long total = moment.bytes(totalMemory);
        long reserved = moment.bytes(Statement.last(owner, Attribute.RESERVED));
        Waveform usedMemory = Statement.last(owner, Attribute.USED);
        long used = usedMemory == null
                ? held + moment.bytes(Statement.last(owner, Attribute.OTHER))
                : moment.bytes(usedMemory);
        return new GpuMemory(GpuMemory.Api.V2, total, used, total - used - reserved, reserved);
    }

    /**
     * The memory held by all processes. Each row of a process contains the process's whole memory, so rows are merged
     * and not added.
     */
    private static long held(List<GpuProcess> rows) {
        return ProcessList.union(rows).processes().stream()
                .map(GpuProcess::memoryBytes)
                .filter(Objects::nonNull)
                .mapToLong(Long::longValue)
                .sum();
    }

    private List<MigInstance> instances(List<GpuProcess> rows, boolean hasMemory) {
        TreeMap<Integer, Statement> slots = new TreeMap<>();
        moment.active(StatementType.INSTANCE, identity.index())
                .forEach(instance -> slots.put(instance.get(Attribute.SLOT, 0), instance));
        List<MigInstance> instances = new ArrayList<>();
        for (Statement instance : slots.values()) {
            int gi = instance.get(Attribute.GI, 0);
            List<GpuProcess> inside =
                    rows.stream().filter(row -> row.mig().startsWith(gi + ":")).toList();
            instances.add(new MigInstance(
                    gi,
                    instance.get(Attribute.CI, 0),
                    instance.get(Attribute.UUID, ""),
                    instance.get(Attribute.PROFILE, ""),
                    hasMemory ? memory(List.of(instance), held(inside)) : null));
        }
        return instances;
    }

    private ProcessList processList(List<GpuProcess> rows) {
        Optional<CallFault> failure = faults.await(Faults.PROCESSES);
        failure.ifPresent(failures::add);
        return failure.<ProcessList>map(ProcessList.Unreadable::new).orElseGet(() -> ProcessList.union(rows));
    }

    /**
     * The lifetime peaks of the processes that have exited since the previous sample. As with a real driver, there are
     * none with MIG.
     */
    private Map<Integer, Long> endedPeaks(List<Statement> previous) {
        Map<Integer, Long> peaks = new HashMap<>();
        if (!mig && works(Faults.ACCOUNTING) && Boolean.TRUE.equals(Statement.last(statements, Attribute.ACCOUNTING))) {
            previous.forEach(process -> peaks.merge(
                    process.get(Attribute.PID, 0), moment.bytes(process.get(Attribute.ACCOUNTED)), Math::max));
        }
        processes.forEach(process -> peaks.remove(process.get(Attribute.PID, 0)));
        peaks.values().removeIf(bytes -> bytes <= 0);
        return peaks;
    }

    private List<Reading> readings() {
        List<Reading> readings = new ArrayList<>();
        SimulatedReading.all(statements).forEach((reading, value) -> {
            if (includes(reading.metric()) && works(Faults.READINGS + reading.key())) {
                readings.add(new Reading(reading.metric(), reading.labels(), value.at(moment.time())));
            }
        });
        return readings;
    }

    /** Whether a metric is read. As with a real driver, GPM metrics are not read with MIG. */
    private boolean includes(DeviceMetric metric) {
        return selection.includes(metric) && (metric.group() != MetricGroup.GPM || !mig);
    }
}
