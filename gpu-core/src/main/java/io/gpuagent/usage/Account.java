package io.gpuagent.usage;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one workload has used of one GPU since it was first seen there. Kept for a while after the workload has ended.
 *
 * @param usage the workload as last seen on the GPU
 * @param memoryByteSeconds the time integral of its memory, in byte-seconds; never decreases; null as long as the
 *     driver has never reported the memory of any of its processes
 * @param peakBytes the largest sample of the peak window, in bytes; null if the window has none
 * @param smSeconds the time integral of its processes' SM utilization, in seconds; never decreases; null as long as the
 *     driver has never reported it
 * @param energyJoules its part of the GPU's energy; never decreases; null as long as the driver has not reported both
 *     energy and SM utilization
 * @param xids the number of Xids that the driver reported for the GPU while the workload was on it, by Xid number or
 *     {@link XidCount#OTHER}
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
