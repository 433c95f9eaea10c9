package io.gpuagent.agent.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.Exposition;
import io.gpuagent.usage.Snapshot;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GpuMeterBinderTest {

    private static final Duration SELDOM = Duration.ofDays(1);
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final AtomicReference<Snapshot> newest = new AtomicReference<>(SnapshotFixtures.twoGpus());
    private final GpuMeterBinder binder = new GpuMeterBinder(newest::get, MetricOptions.defaults(), SELDOM);

    @AfterEach
    void close() {
        binder.close();
    }

    @ParameterizedTest
    @MethodSource("io.gpuagent.agent.metrics.GoldenPageTest#pages")
    void seriesAreThoseOfTheCollectorButForTheBuckets(GoldenPageTest.Page page) throws IOException {
        Set<Exposition.Series> expected = new HashSet<>(Exposition.parse(page.render(TextFormat.CONTENT_TYPE_004)));
        expected.removeIf(line -> line.name().endsWith("_bucket"));
        try (GpuMeterBinder own = new GpuMeterBinder(page::snapshot, page.options(), SELDOM)) {
            own.bindTo(registry);
            assertEquals(expected, lines());
        }
    }

    @Test
    void typesAreThoseOfTheCollector() throws IOException {
        binder.bindTo(registry);
        GoldenPageTest.Page page =
                new GoldenPageTest.Page("types", SnapshotFixtures.twoGpus(), MetricOptions.defaults());
        Set<String> expected = types(page.render(TextFormat.CONTENT_TYPE_004));
        expected.remove("# TYPE gpu_agent_sample_duration_seconds histogram");
        expected.add("# TYPE gpu_agent_sample_duration_seconds summary");
        assertEquals(expected, types(registry.scrape()));
    }

    @Test
    void seriesComeAndGoWithTheSnapshot() {
        binder.bindTo(registry);
        int before = registry.getMeters().size();
        newest.set(SnapshotFixtures.stale());
        binder.refresh();
        assertTrue(series("used_gpu_memory").isEmpty(), registry.scrape());
        assertTrue(series("gpu_workload_info").isEmpty(), registry.scrape());
        newest.set(SnapshotFixtures.twoGpus());
        binder.refresh();
        assertEquals(before, registry.getMeters().size());
        assertEquals(
                2,
                series("used_gpu_memory").stream()
                        .filter(line -> line.label("gpu").equals("0"))
                        .count());
    }

    @Test
    void seriesThatStaysTakesTheNewValue() {
        newest.set(held("trainer", 100));
        binder.bindTo(registry);
        newest.set(held("trainer", 250));
        binder.refresh();
        assertEquals(
                List.of(250.0 * SnapshotParts.MIB),
                series("gpu_workload_memory_bytes").stream()
                        .map(Exposition.Series::value)
                        .toList());
    }

    @Test
    void hundredsOfShortContainersLeaveNothingBehind() {
        binder.bindTo(registry);
        newest.set(held("first", 1));
        binder.refresh();
        int meters = registry.getMeters().size();
        int lines = lines().size();
        List<WeakReference<Meter>> ended = registry.getMeters().stream()
                .filter(meter -> "first".equals(meter.getId().getTag("workload")))
                .map(WeakReference::new)
                .toList();
        assertFalse(ended.isEmpty());
        for (int i = 0; i < 400; i++) {
            newest.set(held("short-" + i, 1 + i));
            binder.refresh();
        }
        assertEquals(meters, registry.getMeters().size());
        assertEquals(lines, lines().size());
        assertEquals(
                "short-399",
                series("gpu_workload_memory_bytes").iterator().next().label("workload"));
        Eventually.within(LIMIT, "the meters of an ended container are collected", () -> {
            System.gc();
            return ended.stream().allMatch(meter -> meter.get() == null);
        });
    }

    @Test
    void newSnapshotIsFoundWithoutAnyCall() {
        try (GpuMeterBinder own = new GpuMeterBinder(newest::get, MetricOptions.defaults(), Duration.ofMillis(10))) {
            own.bindTo(registry);
            newest.set(SnapshotFixtures.mig());
            Eventually.within(
                    LIMIT,
                    "the MIG instances are shown",
                    () -> !series("gpu_mig_info").isEmpty());
        }
    }

    @Test
    void scrapeDuringRefreshesShowsOnlyNumbers() {
        binder.bindTo(registry);
        CompletableFuture<Void> changes = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 100; i++) {
                newest.set(held("short-" + i, 1 + i));
                binder.refresh();
            }
        });
        int scrapes = 0;
        while (!changes.isDone() || scrapes < 10) {
            assertTrue(lines().stream().allMatch(line -> Double.isFinite(line.value())), registry.scrape());
            scrapes++;
        }
        changes.join();
    }

    @Test
    void failureOfTheSupplierDoesNotEndTheRefreshes() {
        AtomicInteger calls = new AtomicInteger();
        try (GpuMeterBinder own = new GpuMeterBinder(
                () -> {
                    if (calls.incrementAndGet() == 2) {
                        throw new IllegalStateException("a failing supplier");
                    }
                    return newest.get();
                },
                MetricOptions.defaults(),
                Duration.ofMillis(10))) {
            own.bindTo(registry);
            Eventually.within(LIMIT, "the supplier is called after its failure", () -> calls.get() > 2);
            newest.set(SnapshotFixtures.mig());
            Eventually.within(
                    LIMIT,
                    "the MIG instances are shown",
                    () -> !series("gpu_mig_info").isEmpty());
        }
    }

    @Test
    void closingRemovesTheMetersFromEveryRegistry() {
        MeterRegistry other = new SimpleMeterRegistry();
        other.counter("somebody.elses").increment();
        binder.bindTo(registry);
        binder.bindTo(other);
        assertTrue(other.getMeters().size() > 50);
        binder.close();
        assertEquals(List.of(), registry.getMeters());
        assertEquals("", registry.scrape());
        assertEquals(
                List.of("somebody.elses"),
                other.getMeters().stream().map(meter -> meter.getId().getName()).toList());
        assertThrows(IllegalStateException.class, () -> binder.bindTo(registry));
    }

    @Test
    void closedRegistryIsForgotten() {
        WeakReference<MeterRegistry> other = boundAndClosed();
        binder.bindTo(registry);
        binder.refresh();
        Eventually.within(LIMIT, "the closed registry is collected", () -> {
            System.gc();
            return other.get() == null;
        });
        assertFalse(series("gpu_workload_memory_bytes").isEmpty());
    }

    private WeakReference<MeterRegistry> boundAndClosed() {
        MeterRegistry other = new SimpleMeterRegistry();
        binder.bindTo(other);
        other.close();
        return new WeakReference<>(other);
    }

    @Test
    void secondBindingOfTheSameRegistryChangesNothing() {
        binder.bindTo(registry);
        int meters = registry.getMeters().size();
        binder.bindTo(registry);
        assertEquals(meters, registry.getMeters().size());
        newest.set(SnapshotFixtures.stale());
        binder.refresh();
        newest.set(SnapshotFixtures.twoGpus());
        binder.refresh();
        assertEquals(meters, registry.getMeters().size());
    }

    @Test
    void commonTagsAndDeniedMetersAreTheRegistrys() {
        registry.config().commonTags("region", "north").meterFilter(MeterFilter.denyNameStartsWith("gpu.workload.sm"));
        binder.bindTo(registry);
        newest.set(held("trainer", 1));
        binder.refresh();
        assertEquals(
                "north", series("gpu_workload_memory_bytes").iterator().next().label("region"));
        assertEquals(1, series("gpu_workload_memory_bytes").size());
        binder.close();
        assertEquals(List.of(), registry.getMeters());
    }

    @Test
    void compositeRegistryPassesTheSeriesOn() {
        CompositeMeterRegistry composite = new CompositeMeterRegistry();
        binder.bindTo(composite);
        composite.add(registry);
        newest.set(held("trainer", 7));
        binder.refresh();
        assertEquals(1, series("gpu_workload_memory_bytes").size());
    }

    private static Snapshot held(String name, long mebibytes) {
        Snapshot rest = SnapshotFixtures.twoGpus();
        return new Snapshot(
                rest.time(),
                rest.backend(),
                List.of(SnapshotParts.live(
                        SnapshotParts.identity(0, "Tesla T4"),
                        SnapshotParts.v2(5000),
                        List.of(),
                        SnapshotParts.named(name, "1212121212", mebibytes))),
                rest.unresolved(),
                rest.unnamed(),
                rest.totals());
    }

    private Set<Exposition.Series> series(String name) {
        return lines().stream().filter(line -> line.name().equals(name)).collect(Collectors.toSet());
    }

    private Set<Exposition.Series> lines() {
        return new HashSet<>(Exposition.parse(registry.scrape().replaceAll("java=\"[^\"]*\"", "java=\"17\"")));
    }

    private static Set<String> types(String page) {
        return page.lines().filter(line -> line.startsWith("# TYPE")).collect(Collectors.toCollection(HashSet::new));
    }
}
