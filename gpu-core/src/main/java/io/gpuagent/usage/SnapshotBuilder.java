package io.gpuagent.usage;

import io.gpuagent.device.GpuSample;
import io.gpuagent.device.ProcessList;
import io.gpuagent.usage.GpuReader.Outcome;
import io.gpuagent.workload.ContainerDirectory;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.Resolution;
import io.gpuagent.workload.WorkloadResolver;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Builds a snapshot from the readers' samples, the processes' workloads and the containers' names. */
final class SnapshotBuilder {

    private final WorkloadResolver resolver;
    private final ContainerDirectory directory;
    private final Ledger ledger;
    private final XidAccounts xids;

    SnapshotBuilder(WorkloadResolver resolver, ContainerDirectory directory, Ledger ledger, XidAccounts xids) {
        this.resolver = resolver;
        this.directory = directory;
        this.ledger = ledger;
        this.xids = xids;
    }

    Snapshot build(Instant now, long nanos, BackendState backend, GpuReaders readers, SamplerTotals totals) {
        Map<Integer, Resolution> resolutions = resolve(readers.readers(), nanos);
        xids.enter(nanos);
        List<GpuUsage> gpus = new ArrayList<>(readers.departed());
        readers.readers()
                .forEach(reader -> gpus.add(GpuUsage.of(
                        reader.identity(), state(reader, resolutions, totals.interval()), reader.memoryApi())));
        xids.enterEarly(nanos);
        gpus.replaceAll(gpu -> gpu.with(
                ledger.accounts(gpu.identity(), nanos),
                ledger.unobservedSeconds(gpu.identity()),
                ledger.energy(gpu.identity()).orElse(null),
                xids.counts(gpu.identity())));
        ledger.retainOnly(gpus.stream().map(GpuUsage::identity).collect(Collectors.toSet()));
        gpus.sort(Comparator.comparing(usage -> usage.identity().index()));
        return new Snapshot(now, backend, gpus, unresolved(resolutions), unnamed(resolutions), totals);
    }

    private Map<Integer, Resolution> resolve(List<GpuReader> readers, long nanos) {
        Set<Integer> remembered = new HashSet<>();
        Set<Integer> listed = new HashSet<>();
        for (GpuReader reader : readers) {
            remembered.addAll(reader.lastListed());
            if (reader.outcome() instanceof Outcome.Sampled sampled
                    && sampled.sample().processes() instanceof ProcessList.Known) {
                listed.addAll(reader.lastListed());
            }
        }
        resolver.retainOnly(remembered);
        return resolver.resolve(listed, nanos);
    }

    private GpuState state(GpuReader reader, Map<Integer, Resolution> resolutions, Duration interval) {
        GpuState stall = reader.stall();
        if (stall != null) {
            return stall;
        }
        if (reader.outcome() instanceof Outcome.Failed failed) {
            return new GpuState.Lost(failed.fault(), failed.since());
        }
        if (reader.outcome() instanceof Outcome.Sampled sampled) {
            GpuSample sample = sampled.sample();
            Attribution attribution = Attribution.of(sample, resolutions, directory);
            return new GpuState.Live(
                    sampled.at(),
                    sample,
                    ledger.enter(reader.identity(), sampled.nanos(), sample, attribution, interval));
        }
        return new GpuState.Starting();
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
