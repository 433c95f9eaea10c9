package io.gpuagent.device;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one GPU said in one {@link Gpu#read()}.
 *
 * @param memory null where the device has no memory figures of its own (GB10)
 * @param instances the MIG instances there are, used or not; empty without MIG
 * @param readings one per value offered; a value not offered has no reading
 * @param utilization null where the GPU does not tell it per process, as with MIG, or does not yet
 * @param energyMillijoules the GPU's own counter, of the energy since its driver was loaded or it was reset; null where it has none
 * @param endedPeakBytes by pid, the most memory that each process held in its life that the GPU listed the time before and lists no
 *     longer; of those whom the driver keeps account of ("accounting mode")
 * @param faults the driver calls that failed while the GPU as a whole could be read; "not supported" is not a fault
 * @param rejections one reason per value that cannot be true and was left out, such as {@code over_range}
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

    /** A sample of a GPU without MIG that tells neither its energy nor how busy its processes keep it. */
    public GpuSample(
            @Nullable GpuMemory memory,
            ProcessList processes,
            List<Reading> readings,
            List<CallFault> faults,
            List<String> rejections) {
        this(memory, processes, List.of(), readings, null, null, Map.of(), faults, rejections);
    }
}
