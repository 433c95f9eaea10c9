package io.gpuagent.agent.metrics;

import io.gpuagent.usage.Snapshot;
import io.prometheus.client.Collector;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Collects the newest snapshot as metrics. Never waits for the driver or a container runtime. To embed it:
 *
 * <pre>{@code new GpuCollector(sampler::current).register(registry);}</pre>
 */
public final class GpuCollector extends Collector implements Collector.Describable {

    private final Supplier<Snapshot> snapshots;
    private final List<Family> families;

    /**
     * A collector with the default options.
     *
     * @param snapshots supplies the newest snapshot; called once per scrape, by any thread
     */
    public GpuCollector(Supplier<Snapshot> snapshots) {
        this(snapshots, MetricOptions.defaults());
    }

    public GpuCollector(Supplier<Snapshot> snapshots, MetricOptions options) {
        this.snapshots = snapshots;
        this.families = families(options);
    }

    /** The families in the order of the metrics page. */
    static List<Family> families(MetricOptions options) {
        return Stream.of(
                        BoardFamilies.all(),
                        MigFamilies.all(),
                        WorkloadFamilies.all(options),
                        LegacyFamily.all(options),
                        AgentFamilies.all(options))
                .flatMap(families -> families)
                .toList();
    }

    @Override
    public List<MetricFamilySamples> collect() {
        Snapshot snapshot = snapshots.get();
        return families.stream()
                .map(family -> family.collect(snapshot))
                .filter(family -> !family.samples.isEmpty())
                .toList();
    }

    @Override
    public List<MetricFamilySamples> describe() {
        return families.stream().map(Family::describe).toList();
    }
}
