package io.gpuagent.usage;

import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.Resolution;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All GPUs, readings, workloads and reasons of one instant. Immutable; everything that is shown is a view of it.
 *
 * @param time when it was put together; null before the first sample
 * @param gpus by index
 * @param unresolved the number of listed processes whose workload is not known, for every reason
 * @param unnamed the number of containers on GPUs without a name, for every reason
 * @param totals what the sampler counted since it started
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

    /** This snapshot when it has become too old to be true: no GPU, and the backend not up. */
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
