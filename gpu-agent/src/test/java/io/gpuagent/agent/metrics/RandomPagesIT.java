package io.gpuagent.agent.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.usage.RandomNode;
import io.gpuagent.usage.Snapshot;
import io.prometheus.client.CollectorRegistry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Checks the invariants of every metrics page on a thousand random nodes, each given as process lists and cgroup files.
 */
class RandomPagesIT {

    private static final int NODES = 1000;
    private static final int PAGES = 10;
    private static final double ROUNDING = 1e-9;

    @Test
    void totalsBalanceNoCounterDecreasesAndListOrderDoesNotMatter() throws Exception {
        for (int seed = 0; seed < NODES; seed++) {
            try (RandomNode node = new RandomNode(seed, 1);
                    RandomNode shuffled = new RandomNode(seed, 2)) {
                Map<List<String>, Double> before = Map.of();
                for (int i = 0; i < PAGES; i++) {
                    String where = "seed " + seed + ", page " + i;
                    Snapshot snapshot = node.next();
                    Map<List<String>, Double> page = page(snapshot);
                    assertNoCounterFalls(before, page, where);
                    snapshot.gpus()
                            .forEach(gpu -> assertBalance(page, gpu.identity().uuid(), where));
                    assertSame(page, page(shuffled.next()), where);
                    before = page;
                }
            }
        }
    }

    /** The values by family name and label values. */
    private static Map<List<String>, Double> page(Snapshot snapshot) {
        CollectorRegistry registry = new CollectorRegistry();
        new GpuCollector(() -> snapshot, MetricOptions.defaults()).register(registry);
        Map<List<String>, Double> page = new LinkedHashMap<>();
        Collections.list(registry.metricFamilySamples())
                .forEach(family -> family.samples.forEach(sample -> {
                    List<String> series = new ArrayList<>(List.of(sample.name));
                    series.addAll(sample.labelValues);
                    assertNull(page.put(series, sample.value), () -> "duplicate series " + series);
                }));
        return page;
    }

    private static void assertNoCounterFalls(
            Map<List<String>, Double> before, Map<List<String>, Double> page, String where) {
        before.forEach((series, value) -> assertTrue(
                !series.get(0).endsWith("_total") || page.getOrDefault(series, value) >= value,
                () -> series + " fell from " + value + " to " + page.get(series) + ", " + where));
    }

    private static void assertBalance(Map<List<String>, Double> page, String uuid, String where) {
        if (sum(page, "gpu_memory_unattributed_bytes", uuid) != 0) {
            assertEquals(
                    sum(page, "gpu_memory_used_bytes", uuid),
                    sum(page, "gpu_workload_memory_bytes", uuid) + sum(page, "gpu_memory_unattributed_bytes", uuid),
                    where);
        }
        double joules = sum(page, "gpu_energy_joules_total", uuid);
        assertEquals(
                joules,
                sum(page, "gpu_workload_energy_joules_total", uuid)
                        + sum(page, "gpu_energy_unattributed_joules_total", uuid),
                ROUNDING * (1 + joules),
                where);
    }

    private static double sum(Map<List<String>, Double> page, String family, String uuid) {
        return page.entrySet().stream()
                .filter(line ->
                        line.getKey().get(0).equals(family) && line.getKey().contains(uuid))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    /** Compares with a tolerance: the last digits of floating-point sums depend on the order of their terms. */
    private static void assertSame(Map<List<String>, Double> page, Map<List<String>, Double> other, String where) {
        assertEquals(List.copyOf(page.keySet()), List.copyOf(other.keySet()), where);
        page.forEach((series, value) ->
                assertEquals(value, other.get(series), ROUNDING * (1 + Math.abs(value)), () -> series + ", " + where));
    }
}
