package io.gpuagent.device;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The result of one {@link Gpu#read()}.
 *
 * @param memory the GPU's memory; null if the GPU does not report it (GB10)
 * @param instances the MIG instances that exist, whether used or not; empty without MIG
 * @param readings one reading per supported value; an unsupported value has none
 * @param utilization the utilization per process; null if the GPU does not report it, as with MIG, or has no samples
 *     yet
 * @param energyMillijoules the GPU's energy counter, which starts when the driver is loaded or the GPU is reset; null
 *     if the GPU has none
 * @param endedPeakBytes by pid, the lifetime memory peak of each process that was listed at the previous read and is no
 *     longer listed. It contains only processes that the driver's accounting mode covers
 * @param faults the driver calls that failed although the GPU as a whole could be read. A call that returns "not
 *     supported" is not a fault
 * @param rejections one reason per value that was discarded as implausible, such as {@code over_range}
 */
public record GpuSample(
        @Nullable GpuMemory memory,
        ProcessList processes,
        List<MigInstance> instances,
        List<Reading> readings,
        @Nullable ProcessUtilization utilization,
        @Nullable Long energyMillijoules,
        Map<Integer, Long> endedPeakBytes,
        List<CallFault> faults,
        List<String> rejections) {

    public GpuSample {
        instances = List.copyOf(instances);
        readings = List.copyOf(readings);
        endedPeakBytes = Map.copyOf(endedPeakBytes);
        faults = List.copyOf(faults);
        rejections = List.copyOf(rejections);
    }

    /** Creates a sample of a GPU without MIG, energy counter and per-process utilization. */
    public GpuSample(
            @Nullable GpuMemory memory,
            ProcessList processes,
            List<Reading> readings,
            List<CallFault> faults,
            List<String> rejections) {
        this(memory, processes, List.of(), readings, null, null, Map.of(), faults, rejections);
    }
}
