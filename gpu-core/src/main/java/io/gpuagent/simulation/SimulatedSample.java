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
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A device of a scenario at the moment at which it is read. It makes the calls that NVML would be asked, so that their faults take effect. */
final class SimulatedSample {

    private static final String NO_PERMISSION = ReturnCode.name(ReturnCode.NO_PERMISSION);
    private static final String NOT_FOUND = ReturnCode.name(ReturnCode.NOT_FOUND);

    private static final Set<String> UNACCOUNTED =
            Set.of(ReturnCode.name(ReturnCode.NOT_SUPPORTED), NOT_FOUND, NO_PERMISSION);

    private final RunningScenario.Moment moment;
    private final GpuIdentity identity;
    private final SimulatedCalls calls;
    private final MetricSelection selection;
    private final List<Statement> lines;
    private final List<Statement> procs;
    private final boolean mig;
    private final List<String> rejections = new ArrayList<>();

    SimulatedSample(RunningScenario.Moment moment, GpuIdentity identity, SimulatedCalls calls, MetricSelection selection) {
        this.moment = moment;
        this.identity = identity;
        this.calls = calls;
        this.selection = selection;
        this.lines = moment.holding(StatementType.DEVICE, identity.index());
        this.procs = moment.holding(StatementType.PROC, identity.index());
        this.mig = Boolean.TRUE.equals(Statement.last(lines, Attribute.MIG));
    }

    /** The processes on the device. */
    List<Statement> procs() {
        return procs;
    }

    /** @param before the processes of the reading before */
    GpuSample read(List<Statement> before, SimulatedEnergy energy) throws GpuUnavailableException {
        checkPresence();
        List<GpuProcess> rows = procs.stream().map(this::row).toList();
        GpuMemory memory = calls.answers("nvmlDeviceGetMemoryInfo") ? memory(moment, lines, held(rows)) : null;
        SimulatedInstances instances = mig ? new SimulatedInstances(calls, moment, identity.index(), rows) : null;
        List<MigInstance> told = instances == null ? List.of() : instances.read();
        ProcessList processes = processes(rows, instances);
        Map<Integer, Long> endedPeaks = processes instanceof ProcessList.Known ? endedPeaks(before) : Map.of();
        ProcessUtilization utilization = utilization();
        Long millijoules = calls.answers("nvmlDeviceGetTotalEnergyConsumption") ? energy.millijoules(moment) : null;
        List<Reading> readings = readings();
        return new GpuSample(
                memory, processes, told, readings, utilization, millijoules, endedPeaks, calls.faults(), rejections);
    }

    /** A handle is of no use without the driver, or after the device has gone. */
    private void checkPresence() throws GpuUnavailableException {
        boolean there = lines.stream().anyMatch(line -> identity.uuid().equals(line.get(Attribute.UUID)));
        int code = moment.driverCode() == ReturnCode.SUCCESS && !there ? ReturnCode.GPU_IS_LOST : moment.driverCode();
        if (code != ReturnCode.SUCCESS) {
            throw new GpuUnavailableException(new CallFault("nvmlDeviceGetMemoryInfo", ReturnCode.name(code)));
        }
    }

    private GpuProcess row(Statement proc) {
        Waveform memory = proc.get(Attribute.MEMORY);
        return new GpuProcess(
                proc.get(Attribute.PID, 0),
                mig ? proc.mig() : "",
                memory == null ? null : Long.valueOf(moment.bytes(memory)),
                proc.get(Attribute.LISTS, EnumSet.of(GpuProcess.Kind.COMPUTE)));
    }

    /**
     * The memory of a device, or of a MIG instance, by its lines; null where they tell no total.
     *
     * @param held what its processes hold
     */
    static @Nullable GpuMemory memory(RunningScenario.Moment moment, List<Statement> lines, long held) {
        Waveform all = Statement.last(lines, Attribute.TOTAL);
        if (all == null) {
            return null;
        }
        long total = moment.bytes(all);
        long reserved = moment.bytes(Statement.last(lines, Attribute.RESERVED));
        Waveform told = Statement.last(lines, Attribute.USED);
        long used = told == null ? held + moment.bytes(Statement.last(lines, Attribute.OTHER)) : moment.bytes(told);
        return new GpuMemory(GpuMemory.Api.V2, total, used, total - used - reserved, reserved);
    }

    /** What processes hold together, each row of one process being the whole of it. */
    static long held(List<GpuProcess> rows) {
        return ProcessList.union(rows).processes().stream()
                .map(GpuProcess::memoryBytes)
                .filter(Objects::nonNull)
                .mapToLong(Long::longValue)
                .sum();
    }

    /** With MIG the list of the whole board is for the privileged, those of its instances are for all. */
    private ProcessList processes(List<GpuProcess> rows, @Nullable SimulatedInstances instances)
            throws GpuUnavailableException {
        Optional<CallFault> refusal = calls.processListFault(Attribute.NO_SLOT);
        if (refusal.isEmpty()) {
            return ProcessList.union(rows);
        }
        if (instances != null && refusal.get().code().equals(NO_PERMISSION)) {
            return instances.processes(refusal.get());
        }
        calls.faults().add(refusal.get());
        return new ProcessList.Unreadable(refusal.get());
    }

    /** What the driver has of those who have gone since the reading before, unless with MIG, where it keeps no account. */
    private Map<Integer, Long> endedPeaks(List<Statement> before) throws GpuUnavailableException {
        Map<Integer, Long> peaks = new HashMap<>();
        if (keepsAccount()) {
            before.forEach(proc -> peaks.merge(proc.get(Attribute.PID, 0), moment.bytes(proc.get(Attribute.ACCOUNTED)), Math::max));
        }
        procs.forEach(proc -> peaks.remove(proc.get(Attribute.PID, 0)));
        peaks.values().removeIf(bytes -> bytes <= 0);
        return peaks;
    }

    private boolean keepsAccount() throws GpuUnavailableException {
        for (String function : List.of("nvmlDeviceGetAccountingMode", "nvmlDeviceGetAccountingStats")) {
            Optional<CallFault> fault = mig ? Optional.empty() : calls.call(function);
            if (fault.isPresent()) {
                fault.filter(failed -> !UNACCOUNTED.contains(failed.code())).ifPresent(calls.faults()::add);
                return false;
            }
        }
        return !mig && Boolean.TRUE.equals(Statement.last(lines, Attribute.ACCOUNTING));
    }

    /** Not asked with MIG, which has none; the older call where the newer one is not offered. */
    private @Nullable ProcessUtilization utilization() throws GpuUnavailableException {
        if (mig) {
            return null;
        }
        for (String function : List.of("nvmlDeviceGetProcessesUtilizationInfo", "nvmlDeviceGetProcessUtilization")) {
            Optional<CallFault> fault = calls.call(function);
            if (fault.isEmpty()) {
                return SimulatedWork.utilization(moment, identity.index(), rejections);
            }
            if (fault.get().code().equals(NOT_FOUND)) {
                return ProcessUtilization.IDLE;
            }
            if (!ReturnCode.notOffered(fault.get())) {
                calls.faults().add(fault.get());
                return null;
            }
        }
        return null;
    }

    private List<Reading> readings() throws GpuUnavailableException {
        Map<String, Boolean> answered = new HashMap<>();
        for (DeviceMetric metric : DeviceMetric.values()) {
            if (includes(metric) && !answered.containsKey(metric.source())) {
                answered.put(metric.source(), calls.answers(metric.source()));
            }
        }
        List<Reading> readings = new ArrayList<>();
        told().forEach((series, value) -> {
            if (includes(series.metric())
                    && answered.getOrDefault(series.metric().source(), false)) {
                readings.add(new Reading(series.metric(), series.labels(), value.at(moment.time())));
            }
        });
        return readings;
    }

    /** GPM is not asked with MIG. */
    private boolean includes(DeviceMetric metric) {
        return selection.includes(metric) && (metric.group() != MetricGroup.GPM || !mig);
    }

    private Map<SimulatedReading, Waveform> told() {
        Map<SimulatedReading, Waveform> told = new LinkedHashMap<>();
        for (Statement line : lines) {
            line.values()
                    .forEach((key, value) ->
                            SimulatedReading.of(key).ifPresent(series -> told.put(series, (Waveform) value)));
            Boolean on = line.get(Attribute.MIG);
            if (on != null) {
                double mode = on ? 1 : 0;
                told.put(
                        new SimulatedReading(DeviceMetric.MIG_MODE, List.of()),
                        new Waveform(mode, mode, Duration.ZERO));
            }
        }
        return told;
    }
}
