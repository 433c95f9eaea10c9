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

/**
 * Builds the sample of a simulated device at one moment. It makes the same calls as the NVML backend, so that their
 * faults take effect.
 */
final class SimulatedSample {

    private static final String NO_PERMISSION = ReturnCode.name(ReturnCode.NO_PERMISSION);
    private static final String NOT_FOUND = ReturnCode.name(ReturnCode.NOT_FOUND);

    private static final Set<String> NO_ACCOUNTING_CODES =
            Set.of(ReturnCode.name(ReturnCode.NOT_SUPPORTED), NOT_FOUND, NO_PERMISSION);

    private final RunningScenario.Moment moment;
    private final GpuIdentity identity;
    private final SimulatedCalls calls;
    private final MetricSelection selection;
    private final List<Statement> statements;
    private final List<Statement> processes;
    private final boolean mig;
    private final List<String> rejections = new ArrayList<>();

    SimulatedSample(
            RunningScenario.Moment moment, GpuIdentity identity, SimulatedCalls calls, MetricSelection selection) {
        this.moment = moment;
        this.identity = identity;
        this.calls = calls;
        this.selection = selection;
        this.statements = moment.active(StatementType.DEVICE, identity.index());
        this.processes = moment.active(StatementType.PROC, identity.index());
        this.mig = Boolean.TRUE.equals(Statement.last(statements, Attribute.MIG));
    }

    /** The statements of the processes on the device. */
    List<Statement> processes() {
        return processes;
    }

    /** @param previous the processes of the previous sample */
    GpuSample read(List<Statement> previous, SimulatedEnergy energy) throws GpuUnavailableException {
        checkPresence();
        List<GpuProcess> rows = processes.stream().map(this::row).toList();
        GpuMemory memory =
                calls.isSuccessful("nvmlDeviceGetMemoryInfo") ? memory(moment, statements, held(rows)) : null;
        SimulatedInstances instances = mig ? new SimulatedInstances(calls, moment, identity.index(), rows) : null;
        List<MigInstance> migInstances = instances == null ? List.of() : instances.read();
        ProcessList list = processList(rows, instances);
        Map<Integer, Long> endedPeaks = list instanceof ProcessList.Known ? endedPeaks(previous) : Map.of();
        ProcessUtilization utilization = utilization();
        Long millijoules =
                calls.isSuccessful("nvmlDeviceGetTotalEnergyConsumption") ? energy.millijoules(moment) : null;
        List<Reading> readings = readings();
        return new GpuSample(
                memory, list, migInstances, readings, utilization, millijoules, endedPeaks, calls.faults(), rejections);
    }

    /** A handle is invalid without the driver or after the device was removed. */
    private void checkPresence() throws GpuUnavailableException {
        boolean present =
                statements.stream().anyMatch(statement -> identity.uuid().equals(statement.get(Attribute.UUID)));
        int code = moment.driverCode() == ReturnCode.SUCCESS && !present ? ReturnCode.GPU_IS_LOST : moment.driverCode();
        if (code != ReturnCode.SUCCESS) {
            throw new GpuUnavailableException(new CallFault("nvmlDeviceGetMemoryInfo", ReturnCode.name(code)));
        }
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
     * The memory of a device or of a MIG instance; null if its statements have no total.
     *
     * @param held the memory of its processes, in bytes
     */
    static @Nullable GpuMemory memory(RunningScenario.Moment moment, List<Statement> statements, long held) {
        Waveform totalMemory = Statement.last(statements, Attribute.TOTAL);
        if (totalMemory == null) {
            return null;
        }
        long total = moment.bytes(totalMemory);
        long reserved = moment.bytes(Statement.last(statements, Attribute.RESERVED));
        Waveform usedMemory = Statement.last(statements, Attribute.USED);
        long used = usedMemory == null
                ? held + moment.bytes(Statement.last(statements, Attribute.OTHER))
                : moment.bytes(usedMemory);
        return new GpuMemory(GpuMemory.Api.V2, total, used, total - used - reserved, reserved);
    }

    /** The memory of all processes. Each row of a process contains its whole memory. */
    static long held(List<GpuProcess> rows) {
        return ProcessList.union(rows).processes().stream()
                .map(GpuProcess::memoryBytes)
                .filter(Objects::nonNull)
                .mapToLong(Long::longValue)
                .sum();
    }

    /** With MIG, the process list of the whole board may need privileges; the lists of its instances do not. */
    private ProcessList processList(List<GpuProcess> rows, @Nullable SimulatedInstances instances)
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

    /**
     * The lifetime peaks of the processes that have exited since the previous sample. The driver has no accounting with
     * MIG.
     */
    private Map<Integer, Long> endedPeaks(List<Statement> previous) throws GpuUnavailableException {
        Map<Integer, Long> peaks = new HashMap<>();
        if (hasAccounting()) {
            previous.forEach(process -> peaks.merge(
                    process.get(Attribute.PID, 0), moment.bytes(process.get(Attribute.ACCOUNTED)), Math::max));
        }
        processes.forEach(process -> peaks.remove(process.get(Attribute.PID, 0)));
        peaks.values().removeIf(bytes -> bytes <= 0);
        return peaks;
    }

    private boolean hasAccounting() throws GpuUnavailableException {
        for (String function : List.of("nvmlDeviceGetAccountingMode", "nvmlDeviceGetAccountingStats")) {
            Optional<CallFault> fault = mig ? Optional.empty() : calls.call(function);
            if (fault.isPresent()) {
                fault.filter(failed -> !NO_ACCOUNTING_CODES.contains(failed.code()))
                        .ifPresent(calls.faults()::add);
                return false;
            }
        }
        return !mig && Boolean.TRUE.equals(Statement.last(statements, Attribute.ACCOUNTING));
    }

    /**
     * Null with MIG, which has no per-process utilization. Falls back to the older call if the newer one is
     * unsupported.
     */
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
        Map<String, Boolean> successful = new HashMap<>();
        for (DeviceMetric metric : DeviceMetric.values()) {
            if (includes(metric) && !successful.containsKey(function(metric))) {
                successful.put(function(metric), calls.isSuccessful(function(metric)));
            }
        }
        List<Reading> readings = new ArrayList<>();
        values().forEach((reading, value) -> {
            if (includes(reading.metric()) && successful.getOrDefault(function(reading.metric()), false)) {
                readings.add(new Reading(reading.metric(), reading.labels(), value.at(moment.time())));
            }
        });
        return readings;
    }

    /** What a fault of the metric is named after: the NVML function where scenarios use it, otherwise the metric. */
    private static String function(DeviceMetric metric) {
        return switch (metric) {
            case POWER -> "nvmlDeviceGetPowerUsage";
            case UTILIZATION, MEMORY_UTILIZATION -> "nvmlDeviceGetUtilizationRates";
            default -> metric.stem();
        };
    }

    /** GPM metrics are not read with MIG. */
    private boolean includes(DeviceMetric metric) {
        return selection.includes(metric) && (metric.group() != MetricGroup.GPM || !mig);
    }

    private Map<SimulatedReading, Waveform> values() {
        Map<SimulatedReading, Waveform> values = new LinkedHashMap<>();
        for (Statement statement : statements) {
            statement
                    .values()
                    .forEach((key, value) ->
                            SimulatedReading.of(key).ifPresent(reading -> values.put(reading, (Waveform) value)));
            Boolean on = statement.get(Attribute.MIG);
            if (on != null) {
                double mode = on ? 1 : 0;
                values.put(
                        new SimulatedReading(DeviceMetric.MIG_MODE, List.of()),
                        new Waveform(mode, mode, Duration.ZERO));
            }
        }
        return values;
    }
}
