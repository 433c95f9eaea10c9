package io.gpuagent.usage;

import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.ProcessList;
import io.gpuagent.usage.GpuReader.Outcome;
import io.gpuagent.workload.ContainerDirectory;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.Resolution;
import io.gpuagent.workload.Workload;
import io.gpuagent.workload.WorkloadResolver;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Puts what the readers hold, the workloads of the processes and the names of the containers together. */
final class SnapshotBuilder {

    private final WorkloadResolver resolver;
    private final ContainerDirectory directory;
    private final Ledger ledger;
    private final XidBook xids;

    SnapshotBuilder(WorkloadResolver resolver, ContainerDirectory directory, Ledger ledger, XidBook xids) {
        this.resolver = resolver;
        this.directory = directory;
        this.ledger = ledger;
        this.xids = xids;
    }

    /** What one reader says at the moment of the snapshot. */
    private record View(
            GpuReader reader,
            GpuState.@Nullable Stalled stall,
            @Nullable Outcome outcome) {

        List<GpuProcess> processes() {
            return outcome instanceof Outcome.Sampled sampled
                            && sampled.sample().processes() instanceof ProcessList.Known known
                    ? known.processes()
                    : List.of();
        }
    }

    Snapshot build(Instant now, long nanos, BackendState backend, Fleet fleet, SamplerTotals totals) {
        List<View> views = fleet.readers().stream()
                .map(reader -> new View(reader, reader.stall(), reader.outcome()))
                .toList();
        Set<Integer> pids = new HashSet<>();
        views.forEach(view -> view.processes().forEach(process -> pids.add(process.pid())));
        Set<Integer> remembered = new HashSet<>(pids);
        views.forEach(view -> remembered.addAll(view.reader().lastListed()));
        resolver.forgetAllBut(remembered);
        Map<Integer, Resolution> resolutions = resolver.resolve(pids, nanos);
        xids.enter(nanos);
        List<GpuUsage> gpus = new ArrayList<>(fleet.departed());
        views.forEach(view -> gpus.add(new GpuUsage(
                view.reader().identity(),
                state(view, resolutions, totals.interval()),
                view.reader().memoryApi(),
                List.of(),
                0,
                null,
                List.of())));
        xids.enterEarly(nanos);
        gpus.replaceAll(gpu -> gpu.with(
                ledger.accounts(gpu.identity(), nanos),
                ledger.unobservedSeconds(gpu.identity()),
                ledger.energy(gpu.identity()).orElse(null),
                xids.counts(gpu.identity())));
        ledger.forgetAllBut(gpus.stream().map(GpuUsage::identity).collect(Collectors.toSet()));
        gpus.sort(Comparator.comparing(usage -> usage.identity().index()));
        return new Snapshot(now, backend, gpus, unresolved(resolutions), unnamed(resolutions), totals);
    }

    private GpuState state(View view, Map<Integer, Resolution> resolutions, Duration interval) {
        if (view.stall() != null) {
            return view.stall();
        }
        if (view.outcome() instanceof Outcome.Failed failed) {
            return new GpuState.Lost(failed.fault(), failed.since());
        }
        if (view.outcome() instanceof Outcome.Sampled sampled) {
            GpuSample sample = sampled.sample();
            Attribution attribution = Attribution.of(sample, resolutions, directory);
            return new GpuState.Live(
                    sampled.at(),
                    sample,
                    ledger.enter(view.reader().identity(), sampled.nanos(), sample, attribution, interval));
        }
        return new GpuState.Starting();
    }

    private static Map<Resolution.Reason, Integer> unresolved(Map<Integer, Resolution> resolutions) {
        Map<Resolution.Reason, Integer> counts = new EnumMap<>(Resolution.Reason.class);
        for (Resolution.Reason reason : Resolution.Reason.values()) {
            counts.put(reason, 0);
        }
        for (Resolution resolution : resolutions.values()) {
            if (resolution instanceof Resolution.Unresolved unresolved) {
                counts.merge(unresolved.reason(), 1, Integer::sum);
            }
        }
        return counts;
    }

    private Map<ContainerLookup.Reason, Integer> unnamed(Map<Integer, Resolution> resolutions) {
        Map<ContainerLookup.Reason, Integer> counts = new EnumMap<>(ContainerLookup.Reason.class);
        for (ContainerLookup.Reason reason : ContainerLookup.Reason.values()) {
            counts.put(reason, 0);
        }
        Set<Workload> seen = new HashSet<>();
        for (Resolution resolution : resolutions.values()) {
            if (resolution instanceof Resolution.Resolved resolved
                    && seen.add(resolved.workload())
                    && Attribution.lookup(resolved.workload(), directory).orElse(null)
                            instanceof ContainerLookup.Unknown unknown) {
                counts.merge(unknown.reason(), 1, Integer::sum);
            }
        }
        return counts;
    }
}
