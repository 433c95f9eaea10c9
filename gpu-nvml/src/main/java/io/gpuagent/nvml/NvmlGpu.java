package io.gpuagent.nvml;

import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.device.MigInstance;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.ProcessUtilization;
import io.gpuagent.device.Reading;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.DeviceFunctions;
import io.gpuagent.nvml.binding.NativeMemory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A device that was opened in one session with the driver. Its native memory is freed with the object, so a hung call
 * keeps it alive.
 */
final class NvmlGpu implements Gpu {

    private volatile GpuIdentity identity;
    final DeviceCalls calls;
    private final MemoryInfo memory;
    private final MigInstances instances;
    private final ProcessLists processes;
    private final EndedProcesses ended;
    private final ProcessUtilizations utilizations;
    private final NativeMemory energy = new NativeMemory(8);
    private final Readings readings;

    /** The newest activity (GPM) readings, set by another thread; null before the first. */
    private volatile @Nullable Activity activity;

    private @Nullable Activity lastCounted;

    private record Activity(long nanos, List<Reading> readings, ReadProblems problems) {

        /** One thread samples all GPUs in turn. If a call for another GPU hangs, the readings expire. */
        private static final long MAX_AGE_NANOS = 5_000_000_000L;

        boolean isFresh() {
            return System.nanoTime() - nanos < MAX_AGE_NANOS;
        }
    }

    NvmlGpu(GpuIdentity identity, DeviceCalls calls, MetricSelection selection) {
        this.identity = identity;
        this.calls = calls;
        this.memory = new MemoryInfo(calls);
        this.instances = new MigInstances(calls);
        this.processes = new ProcessLists(calls);
        this.ended = new EndedProcesses(calls);
        this.utilizations = new ProcessUtilizations(calls, System::nanoTime);
        this.readings = new Readings(calls, selection);
    }

    @Override
    public GpuIdentity identity() {
        return identity;
    }

    void setIdentity(GpuIdentity latest) {
        identity = latest;
    }

    /** Whether MIG mode was enabled at the last reading. */
    boolean hasMig() {
        return instances.isEnabled();
    }

    /** Synchronized: a device that disappeared while a call hung and then came back has two reader threads. */
    @Override
    public synchronized GpuSample read() throws GpuUnavailableException {
        calls.session.begin();
        try {
            ReadProblems problems = new ReadProblems();
            GpuMemory memoryInfo = memory.read(problems);
            Long total = memoryInfo == null ? null : memoryInfo.totalBytes();
            List<MigInstance> migInstances = instances.read(problems);
            ProcessList list = processes(total, problems);
            Map<Integer, Long> endedPeaks = ended.read(list, instances.isEnabled(), total, problems);
            ProcessUtilization utilization = utilizations.read(instances.isEnabled(), problems);
            Long millijoules = millijoules(problems);
            List<Reading> values = readings.read(problems);
            addActivity(values, problems);
            return new GpuSample(
                    memoryInfo,
                    list,
                    migInstances,
                    values,
                    utilization,
                    millijoules,
                    endedPeaks,
                    problems.faults,
                    problems.rejections);
        } finally {
            calls.session.end();
        }
    }

    /**
     * On a MIG board, reading the process list of the board requires privileges (nvml.h), while reading the lists of
     * its instances does not. Only one of the two is used, since they contain the same processes.
     */
    private ProcessList processes(@Nullable Long totalBytes, ReadProblems problems) throws GpuUnavailableException {
        try {
            // Without MIG, some drivers leave the instance fields unwritten, although nvml.h says they are set.
            boolean mig = instances.isEnabled();
            return ProcessList.union(processes.read(totalBytes, entry -> mig ? entry.mig() : "", problems));
        } catch (CallFailedException e) {
            Optional<ProcessList> fromInstances = e.isForbidden() ? instances.processes(problems) : Optional.empty();
            if (fromInstances.isEmpty()) {
                problems.add(e.fault);
            }
            return fromInstances.orElseGet(() -> new ProcessList.Unreadable(e.fault));
        }
    }

    /**
     * The device's energy counter (Volta and newer), in millijoules since the driver was loaded; null if unsupported.
     */
    private @Nullable Long millijoules(ReadProblems problems) throws GpuUnavailableException {
        if (calls.query(DeviceFunctions.ENERGY, energy, problems) != ReturnCode.SUCCESS) {
            return null;
        }
        if (energy.int64(0) < 0 || energy.int64(0) > DeviceFunctions.MAX_ENERGY) {
            problems.reject(ReadProblems.OVER_RANGE);
            return null;
        }
        return energy.int64(0);
    }

    /** Publishes the activity readings since the previous call; called by the activity thread. */
    void publishActivity(List<Reading> values, ReadProblems problems) {
        activity = new Activity(System.nanoTime(), values, problems);
    }

    private void addActivity(List<Reading> values, ReadProblems problems) {
        Activity last = activity;
        if (last != null && last.isFresh() && !instances.isEnabled()) {
            values.addAll(last.readings());
            if (last != lastCounted) {
                problems.addAll(last.problems());
            }
            lastCounted = last;
        }
    }

    @Override
    public Optional<String> callInProgress() {
        return calls.inProgress();
    }
}
