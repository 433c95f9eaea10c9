package io.gpuagent.usage;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The counters of one workload on one GPU, since it was first seen there. The account is kept for a while after the
 * workload has ended.
 *
 * @param usage the workload as last seen on the GPU
 * @param memoryByteSeconds the time integral of its memory, in byte-seconds; never decreases. Null if the driver has
 *     not reported the memory of any of its processes yet
 * @param peakBytes the largest sample of the peak window, in bytes; null if the window has none
 * @param smSeconds the time integral of its processes' SM utilization, in seconds; never decreases. Null if the driver
 *     has not reported it yet
 * @param energyJoules its share of the GPU's energy; never decreases. Null if the driver has not reported both energy
 *     and SM utilization yet
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
