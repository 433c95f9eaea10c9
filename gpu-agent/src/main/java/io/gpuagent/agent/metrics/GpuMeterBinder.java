package io.gpuagent.agent.metrics;

import io.gpuagent.platform.DaemonThreads;
import io.gpuagent.usage.Snapshot;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Exposes the newest snapshot as Micrometer meters. A Prometheus registry exposes them under the same names and labels as {@link
 * GpuCollector}: the meter {@code gpu.workload.memory.bytes} is {@code gpu_workload_memory_bytes}. To embed it:
 *
 * <pre>{@code new GpuMeterBinder(sampler::current).bindTo(registry);}</pre>
 *
 * <p>A daemon thread checks for a new snapshot every second. If there is one, it registers the meters of new series, removes those of ended
 * series and sets the values of the others, so a scrape never waits for the driver, a container runtime or the evaluation of a snapshot. A
 * scrape that overlaps a refresh may mix series of two snapshots.
 *
 * <p>{@code gpu_agent_sample_duration_seconds} has only a count and a sum, because Micrometer does not accept pre-counted buckets.
 *
 * <p>Thread-safe. May be bound to several registries. Needs {@code io.micrometer:micrometer-core}, an optional dependency.
 */
public final class GpuMeterBinder implements MeterBinder, AutoCloseable {

    private static final System.Logger LOG = System.getLogger(GpuMeterBinder.class.getName());
    private static final Duration BETWEEN = Duration.ofSeconds(1);

    private final Supplier<Snapshot> snapshots;
    private final List<Family> families;
    private final Duration between;
    private final List<RegisteredSeries> registries = new ArrayList<>();

    private @Nullable ScheduledExecutorService thread;
    private @Nullable Snapshot shown;
    private boolean closed;

    /**
     * A binder with the default options.
     *
     * @param snapshots the newest snapshot; called once a second by one thread
     */
    public GpuMeterBinder(Supplier<Snapshot> snapshots) {
        this(snapshots, MetricOptions.defaults());
    }

    public GpuMeterBinder(Supplier<Snapshot> snapshots, MetricOptions options) {
        this(snapshots, options, BETWEEN);
    }

    /** @param between the time between two checks for a new snapshot; usually the sample interval */
    public GpuMeterBinder(Supplier<Snapshot> snapshots, MetricOptions options, Duration between) {
        this.snapshots = snapshots;
        this.families = GpuCollector.families(options);
        this.between = between;
    }

    /**
     * Registers the meters of the newest snapshot, and updates them from later snapshots until this binder or the registry is closed.
     *
     * @throws IllegalStateException if this binder is closed
     */
    @Override
    public synchronized void bindTo(MeterRegistry registry) {
        if (closed) {
            throw new IllegalStateException("the binder is closed");
        }
        if (registries.stream().anyMatch(bound -> bound.in(registry))) {
            return;
        }
        RegisteredSeries series = new RegisteredSeries(registry);
        registries.add(series);
        series.show(evaluated(snapshots.get()));
        if (thread == null) {
            thread = Executors.newSingleThreadScheduledExecutor(DaemonThreads.named("gpu-meters"));
            thread.scheduleWithFixedDelay(
                    this::refreshAnyway, between.toNanos(), between.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** Updates the meters in all registries if there is a new snapshot. */
    synchronized void refresh() {
        registries.removeIf(RegisteredSeries::isClosed);
        Snapshot newest = snapshots.get();
        if (closed || newest == shown) {
            return;
        }
        List<RegisteredSeries.Evaluated> evaluated = evaluated(newest);
        registries.forEach(series -> series.show(evaluated));
        shown = newest;
    }

    /** Catches exceptions, which would end the scheduled refreshes: a registry may throw one when a meter is registered. */
    private void refreshAnyway() {
        try {
            refresh();
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "refreshing the meters of GPUs", e);
        }
    }

    private List<RegisteredSeries.Evaluated> evaluated(Snapshot snapshot) {
        return families.stream()
                .map(family ->
                        new RegisteredSeries.Evaluated(family, family.samples().apply(snapshot)))
                .toList();
    }

    /** Stops refreshing and removes the meters from all registries. Does not close the sampler; close it afterwards. */
    @Override
    public synchronized void close() {
        closed = true;
        if (thread != null) {
            thread.shutdownNow();
        }
        registries.forEach(RegisteredSeries::removeAll);
        registries.clear();
        shown = null;
    }
}
