package io.gpuagent.usage;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one workload has used of one GPU since it was first seen there, also after it has gone.
 *
 * @param usage the workload as it was last seen on the GPU
 * @param memoryByteSeconds memory times the time it was held, in bytes times seconds; only grows; null while the driver never told the
 *     memory of any of its processes
 * @param peakBytes the largest sample of the peak window, in bytes; null if the window has none
 * @param smSeconds the shares of time in which its processes ran kernels, times that time, in seconds; only grows; null while the driver
 *     never told them
 * @param energyJoules its part of the GPU's energy; only grows; null while the driver never told both that energy and those shares
 * @param xids how often the driver reported an error of the GPU while the workload was on it, by number or {@link XidCount#OTHER}
 */
public record Account(
        WorkloadUsage usage,
        @Nullable Double memoryByteSeconds,
        @Nullable Long peakBytes,
        @Nullable Double smSeconds,
        @Nullable Double energyJoules,
        Map<String, Long> xids) {

    public Account {
        xids = Collections.unmodifiableMap(new TreeMap<>(xids));
    }
}
