package io.gpuagent.usage;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuSample;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Counts failed calls, rejected values and sample durations. Thread-safe. */
final class SamplerCounters {

    private final Map<CallFault, Long> faults = new HashMap<>();
    private final Map<String, Long> rejections = new HashMap<>();
    private DurationHistogram durations = DurationHistogram.EMPTY;

    synchronized void add(GpuSample sample) {
        sample.faults().forEach(this::add);
        sample.rejections().forEach(reason -> rejections.merge(reason, 1L, Long::sum));
    }

    synchronized void add(CallFault fault) {
        faults.merge(fault, 1L, Long::sum);
    }

    synchronized void add(Duration work) {
        durations = durations.with(work);
    }

    synchronized SamplerTotals totals(Duration interval) {
        return new SamplerTotals(faults, rejections, interval, durations);
    }
}
