package io.gpuagent.usage;

import io.gpuagent.device.CallFault;
import java.time.Duration;
import java.util.Map;

/**
 * What a sampler counted since it started.
 *
 * @param callFaults failed driver calls
 * @param rejections values left out because they cannot be true, by reason
 * @param interval the time between two samples now: longer than asked for where sampling takes too long
 * @param durations how long samples took
 */
public record SamplerTotals(
        Map<CallFault, Long> callFaults, Map<String, Long> rejections, Duration interval, DurationHistogram durations) {

    public SamplerTotals {
        callFaults = Map.copyOf(callFaults);
        rejections = Map.copyOf(rejections);
    }
}
