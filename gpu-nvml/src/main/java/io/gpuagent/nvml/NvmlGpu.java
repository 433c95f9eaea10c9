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
 * A GPU that was opened in one driver session. Its native memory is freed only when the object is unreachable, so never
 * while a hung call may still write to it.
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

        /**
         * The age at which activity readings expire. One thread samples all GPUs in turn, so a call that hangs for one
         * GPU stops the readings of all.
         */
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

    /** Whether MIG mode was enabled at the last sample. */
    boolean hasMig() {
        return instances.isEnabled();
    }

    /**
     * Synchronized because two threads may read the same GPU: if a GPU disappears during a hung call and comes back, it
     * gets a second reader thread.
     */
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
     * Reads the process list. On a MIG board, NVML returns the list of the whole board only to privileged callers
     * (nvml.h); for others, the lists of its instances are read. The two are never combined, since they contain the
     * same processes.
     */
    private ProcessList processes(@Nullable Long totalBytes, ReadProblems problems) throws GpuUnavailableException {
        try {
            // Without MIG, some drivers do not write the instance fields, although nvml.h says they do.
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
     * Returns the device's energy counter (Volta and newer), in millijoules since the driver was loaded. Null if it is
     * unsupported or implausible.
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

    /** Replaces the activity readings. Called by the thread of {@link ActivitySampler}. */
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
