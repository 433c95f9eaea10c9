package io.gpuagent.usage;

import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.Resolution;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All GPUs, readings and workloads of a node at one instant. Immutable; everything that the agent shows is a view of
 * it.
 *
 * @param time when the snapshot was built; null before the first sample
 * @param gpus the GPUs, sorted by index
 * @param unresolved the number of GPU processes without a known workload, by reason; contains every reason
 * @param unnamed the number of workloads on GPUs without a name, by reason; contains every reason
 * @param totals the counters of the sampler since its start
 */
public record Snapshot(
        @Nullable Instant time,
        BackendState backend,
        List<GpuUsage> gpus,
        Map<Resolution.Reason, Integer> unresolved,
        Map<ContainerLookup.Reason, Integer> unnamed,
        SamplerTotals totals) {

    public Snapshot {
        gpus = List.copyOf(gpus);
        unresolved = Map.copyOf(unresolved);
        unnamed = Map.copyOf(unnamed);
    }

    static Snapshot none(BackendState backend, SamplerTotals totals) {
        return new Snapshot(null, backend, List.of(), Map.of(), Map.of(), totals);
    }

    /** Returns the replacement for this snapshot when it is too old. It has no GPUs, and its backend is not up. */
    Snapshot outdated() {
        BackendState down = new BackendState(
                backend.name(),
                false,
                backend.known(),
                backend.driverVersion(),
                backend.problem(),
                "sampling has stopped");
        return new Snapshot(time, down, List.of(), Map.of(), Map.of(), totals);
    }
}
