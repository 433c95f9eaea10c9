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

/** A device that could be opened, in one session with the driver. Its memory lives as long as the last one who holds it. */
final class NvmlGpu implements Gpu {

    private volatile GpuIdentity identity;
    final DeviceCalls calls;
    private final MemoryFigures memory;
    private final MigInstances instances;
    private final ProcessLists processes;
    private final EndedProcesses ended;
    private final ProcessUtilizations utilizations;
    private final NativeMemory energy = new NativeMemory(8);
    private final Readings readings;

    /** What was told last of the GPU's activity, by another thread; null before. */
    private volatile @Nullable Activity activity;

    private @Nullable Activity counted;

    private record Activity(long nanos, List<Reading> readings, ReadProblems findings) {

        /** While the call for another GPU hangs it is told of none. */
        private static final long FRESH_NANOS = 5_000_000_000L;

        boolean isFresh() {
            return System.nanoTime() - nanos < FRESH_NANOS;
        }
    }

    NvmlGpu(GpuIdentity identity, DeviceCalls calls, MetricSelection selection) {
        this.identity = identity;
        this.calls = calls;
        this.memory = new MemoryFigures(calls);
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

    void identify(GpuIdentity known) {
        identity = known;
    }

    /** Whether the GPU was divided into MIG instances when it was last read. */
    boolean hasMig() {
        return instances.on();
    }

    /** One reading at a time: a device that left while a call hung in it and came back has a second reader. */
    @Override
    public synchronized GpuSample read() throws GpuUnavailableException {
        calls.session.begin();
        try {
            ReadProblems findings = new ReadProblems();
            GpuMemory figures = memory.read(findings);
            Long total = figures == null ? null : figures.totalBytes();
            List<MigInstance> parts = instances.read(findings);
            ProcessList list = processes(total, findings);
            Map<Integer, Long> endedPeaks = ended.read(list, instances.on(), total, findings);
            ProcessUtilization utilization = utilizations.read(instances.on(), findings);
            Long millijoules = millijoules(findings);
            List<Reading> values = readings.read(findings);
            addActivity(values, findings);
            return new GpuSample(
                    figures,
                    list,
                    parts,
                    values,
                    utilization,
                    millijoules,
                    endedPeaks,
                    findings.faults,
                    findings.rejections);
        } finally {
            calls.session.end();
        }
    }

    /**
     * With MIG the list of the whole board is for the privileged (nvml.h), those of its instances are for all. Never both: they are the same
     * processes.
     */
    private ProcessList processes(@Nullable Long totalBytes, ReadProblems findings) throws GpuUnavailableException {
        try {
            // Without MIG some drivers leave these fields unwritten, whatever nvml.h promises.
            boolean mig = instances.on();
            return ProcessList.union(processes.read(totalBytes, entry -> mig ? entry.mig() : "", findings));
        } catch (RefusedException e) {
            Optional<ProcessList> others = e.forbidden() ? instances.processes(findings) : Optional.empty();
            if (others.isEmpty()) {
                findings.add(e.fault);
            }
            return others.orElseGet(() -> new ProcessList.Unreadable(e.fault));
        }
    }

    /** The device's own count of the energy it uses (Volta and newer); null where it does not count. */
    private @Nullable Long millijoules(ReadProblems findings) throws GpuUnavailableException {
        if (calls.ask(DeviceFunctions.ENERGY, energy, findings) != ReturnCode.SUCCESS) {
            return null;
        }
        if (energy.int64(0) < 0) {
            findings.reject(ReadProblems.OVER_RANGE);
            return null;
        }
        return energy.int64(0);
    }

    /** Tells what the GPU has done since the time before. */
    void tellActivity(List<Reading> values, ReadProblems findings) {
        activity = new Activity(System.nanoTime(), values, findings);
    }

    private void addActivity(List<Reading> values, ReadProblems findings) {
        Activity last = activity;
        if (last != null && last.isFresh() && !instances.on()) {
            values.addAll(last.readings());
            if (last != counted) {
                findings.addAll(last.findings());
            }
            counted = last;
        }
    }

    @Override
    public Optional<String> callInProgress() {
        return calls.inProgress();
    }
}
