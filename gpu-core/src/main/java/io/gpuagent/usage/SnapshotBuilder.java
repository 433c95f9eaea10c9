package io.gpuagent.usage;

import io.gpuagent.usage.GpuReader.Outcome;
import io.gpuagent.workload.ContainerDirectory;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.Resolution;
import io.gpuagent.workload.Workload;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Builds snapshots from the readers' samples and the ledger, without changing either. */
final class SnapshotBuilder {

    private final ContainerDirectory directory;
    private final Ledger ledger;
    private final XidAccounts xids;

    SnapshotBuilder(ContainerDirectory directory, Ledger ledger, XidAccounts xids) {
        this.directory = directory;
        this.ledger = ledger;
        this.xids = xids;
    }

    /**
     * Builds the snapshot of a tick.
     *
     * @param nanos the current monotonic time
     * @param posted the attribution of each sample that was posted to the ledger
     */
    Snapshot build(
            Instant now,
            long nanos,
            BackendState backend,
            GpuReaders readers,
            Map<Integer, Resolution> resolutions,
            Map<GpuReader, Attribution> posted,
            SamplerTotals totals) {
        List<GpuUsage> gpus = new ArrayList<>();
        for (GpuUsage lost : readers.departed()) {
            gpus.add(withTotals(lost, nanos));
        }
        for (GpuReader reader : readers.readers()) {
            GpuState state = state(reader, posted.get(reader));
            gpus.add(withTotals(GpuUsage.of(reader.identity(), state, reader.memoryApi()), nanos));
        }
        gpus.sort(Comparator.comparing(usage -> usage.identity().index()));
        return new Snapshot(now, backend, gpus, unresolved(resolutions), unnamed(resolutions), totals);
    }

    private GpuUsage withTotals(GpuUsage gpu, long nanos) {
        return gpu.with(
                ledger.accounts(gpu.identity(), nanos),
                ledger.unobservedSeconds(gpu.identity()),
                ledger.energy(gpu.identity()).orElse(null),
                xids.counts(gpu.identity()));
    }

    private static GpuState state(GpuReader reader, @Nullable Attribution attribution) {
        if (attribution != null && reader.outcome() instanceof Outcome.Sampled sampled) {
            return new GpuState.Live(sampled.at(), sampled.sample(), attribution);
        }
        GpuState stall = reader.stall();
        if (stall != null) {
            return stall;
        }
        return reader.outcome() instanceof Outcome.Failed failed
                ? new GpuState.Lost(failed.fault(), failed.since())
                : new GpuState.Starting();
    }

    private static Map<Resolution.Reason, Integer> unresolved(Map<Integer, Resolution> resolutions) {
        return count(
                Resolution.Reason.values(),
                resolutions.values().stream()
                        .filter(Resolution.Unresolved.class::isInstance)
                        .map(resolution -> ((Resolution.Unresolved) resolution).reason()));
    }

    private Map<ContainerLookup.Reason, Integer> unnamed(Map<Integer, Resolution> resolutions) {
        return count(
                ContainerLookup.Reason.values(),
                resolutions.values().stream()
                        .filter(Resolution.Resolved.class::isInstance)
                        .map(resolution -> ((Resolution.Resolved) resolution).workload())
                        .filter(workload -> !(workload instanceof Workload.Container container && container.isGuess()))
                        .distinct()
                        .flatMap(workload -> Attribution.lookup(workload, directory).stream())
                        .filter(ContainerLookup.Unknown.class::isInstance)
                        .map(lookup -> ((ContainerLookup.Unknown) lookup).reason()));
    }

    private static <R> Map<R, Integer> count(R[] reasons, Stream<R> occurrences) {
        Map<R, Integer> counts = new HashMap<>();
        List.of(reasons).forEach(reason -> counts.put(reason, 0));
        occurrences.forEach(reason -> counts.merge(reason, 1, Integer::sum));
        return counts;
    }
}
