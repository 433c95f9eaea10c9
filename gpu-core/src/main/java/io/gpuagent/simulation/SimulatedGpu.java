package io.gpuagent.simulation;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.Gpu;
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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A GPU of a scenario. It makes the calls that NVML would be asked, so that their faults take effect. */
final class SimulatedGpu implements Gpu {

    private static final String NO_PERMISSION = ReturnCode.name(ReturnCode.NO_PERMISSION);
    private static final String NOT_FOUND = ReturnCode.name(ReturnCode.NOT_FOUND);

    private static final Set<String> UNACCOUNTED =
            Set.of(ReturnCode.name(ReturnCode.NOT_SUPPORTED), NOT_FOUND, NO_PERMISSION);

    private final World world;
    private final SimulatedCalls calls;
    private final MetricSelection selection;
    private final GpuIdentity identity;
    private final @Nullable CallFault lost;

    /** The processes of the last reading. */
    private List<Scenario.Proc> before = List.of();

    /** @param lost why the GPU could not be opened; null if it could */
    SimulatedGpu(World world, MetricSelection selection, GpuIdentity identity, @Nullable CallFault lost) {
        this.world = world;
        this.calls = new SimulatedCalls(world, identity.index());
        this.selection = selection;
        this.identity = identity;
        this.lost = lost;
    }

    @Override
    public GpuIdentity identity() {
        return identity;
    }

    @Override
    public Optional<String> callInProgress() {
        return calls.inProgress();
    }

    @Override
    public GpuSample read() throws GpuUnavailableException {
        if (lost != null) {
            throw new GpuUnavailableException(lost);
        }
        List<CallFault> faults = new ArrayList<>();
        List<String> rejections = new ArrayList<>();
        World.Moment moment = world.now();
        checkPresence(moment);
        List<GpuProcess> rows = rows(moment);
        boolean memoryRead = calls.answers("nvmlDeviceGetMemoryInfo", faults);
        SimulatedInstances instances =
                mig(moment) ? SimulatedInstances.find(calls, moment, identity.index(), rows, faults) : null;
        List<MigInstance> told = instances == null ? List.of() : instances.read(faults);
        ProcessList processes = processes(rows, instances, faults);
        Map<Integer, Long> endedPeaks = processes instanceof ProcessList.Known ? endedPeaks(moment, faults) : Map.of();
        ProcessUtilization utilization = utilization(moment, faults, rejections);
        boolean energyRead = calls.answers("nvmlDeviceGetTotalEnergyConsumption", faults);
        List<Reading> readings = readings(moment, faults);
        return new GpuSample(
                memoryRead ? memory(moment, rows) : null,
                processes,
                told,
                readings,
                utilization,
                energyRead ? SimulatedWork.energyMillijoules(moment, identity.index()) : null,
                endedPeaks,
                faults,
                rejections);
    }

    /** A handle is of no use without the driver, or after the device has gone. */
    private void checkPresence(World.Moment moment) throws GpuUnavailableException {
        int code = moment.driverCode();
        if (code != ReturnCode.SUCCESS) {
            throw new GpuUnavailableException(new CallFault("nvmlDeviceGetMemoryInfo", ReturnCode.name(code)));
        }
        if (lines(moment).stream().noneMatch(line -> identity.uuid().equals(line.uuid()))) {
            throw new GpuUnavailableException(
                    new CallFault("nvmlDeviceGetMemoryInfo", ReturnCode.name(ReturnCode.GPU_IS_LOST)));
        }
    }

    /** With MIG the list of the whole board is for the privileged, those of its instances are for all. */
    private ProcessList processes(List<GpuProcess> rows, @Nullable SimulatedInstances instances, List<CallFault> faults)
            throws GpuUnavailableException {
        Optional<CallFault> refusal = calls.processListFault(Scenario.NO_SLOT);
        if (refusal.isEmpty()) {
            return ProcessList.union(rows);
        }
        if (instances != null && refusal.get().code().equals(NO_PERMISSION)) {
            return instances.processes(refusal.get(), faults);
        }
        faults.add(refusal.get());
        return new ProcessList.Unreadable(refusal.get());
    }

    /** Not asked with MIG, which has none; the older call where the newer one is not offered. */
    private @Nullable ProcessUtilization utilization(
            World.Moment moment, List<CallFault> faults, List<String> rejections) throws GpuUnavailableException {
        if (mig(moment)) {
            return null;
        }
        for (String function : List.of("nvmlDeviceGetProcessesUtilizationInfo", "nvmlDeviceGetProcessUtilization")) {
            Optional<CallFault> fault = calls.call(function);
            if (fault.isEmpty()) {
                return SimulatedWork.tellsUtilization(moment, identity.index())
                        ? SimulatedWork.utilization(moment, identity.index(), rejections)
                        : null;
            }
            if (fault.get().code().equals(NOT_FOUND)) {
                return ProcessUtilization.IDLE;
            }
            if (!ReturnCode.notOffered(fault.get())) {
                faults.add(fault.get());
                return null;
            }
        }
        return null;
    }

    private List<Scenario.Device> lines(World.Moment moment) {
        return moment.holding(Scenario::devices).stream()
                .filter(device -> device.index() == identity.index())
                .toList();
    }

    /** The last line that says something of a device has the word. */
    private <T> Optional<T> last(World.Moment moment, Function<Scenario.Device, @Nullable T> value) {
        return lines(moment).stream().map(value).filter(Objects::nonNull).reduce((one, other) -> other);
    }

    private long bytes(World.Moment moment, Function<Scenario.Device, @Nullable Quantity> value) {
        return last(moment, value).map(size -> (long) size.at(moment.time())).orElse(0L);
    }

    private boolean mig(World.Moment moment) {
        return last(moment, Scenario.Device::mig).orElse(false);
    }

    private List<GpuProcess> rows(World.Moment moment) {
        boolean mig = mig(moment);
        return procs(moment).stream()
                .map(proc -> new GpuProcess(
                        proc.pid(),
                        mig ? proc.instance() : "",
                        proc.memory() == null
                                ? null
                                : (Long) (long) proc.memory().at(moment.time()),
                        proc.kinds()))
                .toList();
    }

    private List<Scenario.Proc> procs(World.Moment moment) {
        return moment.holding(Scenario::procs).stream()
                .filter(proc -> proc.device() == identity.index())
                .toList();
    }

    /** What the driver has of those who have gone since the last reading, unless with MIG, where it keeps no account. */
    private Map<Integer, Long> endedPeaks(World.Moment moment, List<CallFault> faults) throws GpuUnavailableException {
        List<Scenario.Proc> now = procs(moment);
        Set<Integer> pids = now.stream().map(Scenario.Proc::pid).collect(Collectors.toSet());
        Map<Integer, Long> peaks = new HashMap<>();
        for (Scenario.Proc proc : keepsAccount(moment, faults) ? before : List.<Scenario.Proc>of()) {
            if (!pids.contains(proc.pid()) && proc.accounted() != null) {
                peaks.merge(proc.pid(), (long) proc.accounted().at(moment.time()), Math::max);
            }
        }
        peaks.values().removeIf(bytes -> bytes <= 0);
        before = now;
        return peaks;
    }

    private boolean keepsAccount(World.Moment moment, List<CallFault> faults) throws GpuUnavailableException {
        if (mig(moment)) {
            return false;
        }
        for (String function : List.of("nvmlDeviceGetAccountingMode", "nvmlDeviceGetAccountingStats")) {
            Optional<CallFault> fault = calls.call(function);
            if (fault.isPresent()) {
                fault.filter(failed -> !UNACCOUNTED.contains(failed.code())).ifPresent(faults::add);
                return false;
            }
        }
        return last(moment, Scenario.Device::accounting).orElse(false);
    }

    private @Nullable GpuMemory memory(World.Moment moment, List<GpuProcess> rows) {
        if (last(moment, Scenario.Device::total).isEmpty()) {
            return null;
        }
        long total = bytes(moment, Scenario.Device::total);
        long reserved = bytes(moment, Scenario.Device::reserved);
        long used = last(moment, Scenario.Device::used).isPresent()
                ? bytes(moment, Scenario.Device::used)
                : held(rows) + bytes(moment, Scenario.Device::other);
        return new GpuMemory(GpuMemory.Api.V2, total, used, total - used - reserved, reserved);
    }

    /** What processes hold together, each row of one process being the whole of it. */
    static long held(List<GpuProcess> rows) {
        return ProcessList.union(rows) instanceof ProcessList.Known known
                ? known.processes().stream()
                        .map(GpuProcess::memoryBytes)
                        .filter(Objects::nonNull)
                        .mapToLong(Long::longValue)
                        .sum()
                : 0;
    }

    /** GPM is not asked with MIG. */
    private boolean includes(DeviceMetric metric, World.Moment moment) {
        return selection.includes(metric) && (metric.group() != MetricGroup.GPM || !mig(moment));
    }

    private List<Reading> readings(World.Moment moment, List<CallFault> faults) throws GpuUnavailableException {
        Map<SimulatedReading, Quantity> told = new LinkedHashMap<>();
        lines(moment).forEach(line -> told.putAll(line.readings()));
        Map<String, Boolean> answered = new HashMap<>();
        for (DeviceMetric metric : DeviceMetric.values()) {
            if (includes(metric, moment) && !answered.containsKey(metric.source())) {
                answered.put(metric.source(), calls.answers(metric.source(), faults));
            }
        }
        List<Reading> readings = new ArrayList<>();
        told.forEach((series, value) -> {
            if (includes(series.metric(), moment)
                    && answered.getOrDefault(series.metric().source(), false)) {
                readings.add(new Reading(series.metric(), series.labels(), value.at(moment.time())));
            }
        });
        return readings;
    }
}
