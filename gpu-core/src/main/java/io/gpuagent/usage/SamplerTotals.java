package io.gpuagent.usage;

import io.gpuagent.device.CallFault;
import java.time.Duration;
import java.util.Map;

/**
 * The counters of a sampler since its start.
 *
 * @param callFaults the number of failed driver calls, by function and code
 * @param rejections the number of values that were discarded as implausible, by reason
 * @param interval the current sample interval; longer than requested if sampling takes too long
 * @param durations the durations of samples
 */
public record SamplerTotals(
        Map<CallFault, Long> callFaults, Map<String, Long> rejections, Duration interval, DurationHistogram durations) {

    public SamplerTotals {
        callFaults = Map.copyOf(callFaults);
        rejections = Map.copyOf(rejections);
    }
}
