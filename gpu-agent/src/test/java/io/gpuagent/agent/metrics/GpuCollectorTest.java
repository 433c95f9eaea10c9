package io.gpuagent.agent.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.usage.Snapshot;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Gauge;
import io.prometheus.client.exporter.common.TextFormat;
import io.prometheus.client.hotspot.StandardExports;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class GpuCollectorTest {

    private static final String[] LEGACY = {"container_name", "gpu", "container_id", "unit"};

    @Test
    void itRegistersInOneLineNextToOtherCollectors() {
        CollectorRegistry registry = new CollectorRegistry();
        new StandardExports().register(registry);
        new GpuCollector(SnapshotFixtures::twoGpus).register(registry);
        assertEquals(1.0, registry.getSampleValue("gpu_agent_up"));
    }

    @Test
    void aRegistryRefusesACollectorWithTheSameFamilyNameEvenBeforeTheFirstSample() {
        CollectorRegistry registry = new CollectorRegistry();
        new GpuCollector(SnapshotFixtures::beforeTheFirstSample).register(registry);
        Gauge.Builder twin = Gauge.build("gpu_up", "Another collector's.");
        assertThrows(IllegalArgumentException.class, () -> twin.register(registry));
    }

    @Test
    void aPageShowsOnlyTheNewestSnapshot() {
        AtomicReference<Snapshot> newest = new AtomicReference<>(SnapshotFixtures.twoGpus());
        CollectorRegistry registry = new CollectorRegistry();
        new GpuCollector(newest::get).register(registry);
        String[] values = {"ivws-channels", "0", "a78fcbd9564f", "bytes"};
        assertEquals(1933.0 * SnapshotParts.MIB, registry.getSampleValue("used_gpu_memory", LEGACY, values));
        newest.set(SnapshotFixtures.stale());
        assertNull(registry.getSampleValue("used_gpu_memory", LEGACY, values));
        assertEquals(0.0, registry.getSampleValue("gpu_agent_up"));
    }

    @Test
    void singleFamiliesCanBeRequestedByName() {
        CollectorRegistry registry = new CollectorRegistry();
        new GpuCollector(SnapshotFixtures::twoGpus).register(registry);
        List<String> names = Collections.list(registry.filteredMetricFamilySamples("gpu_info"::equals)).stream()
                .flatMap(family -> family.samples.stream())
                .map(sample -> sample.name)
                .distinct()
                .collect(Collectors.toList());
        assertEquals(List.of("gpu_info"), names);
    }

    @Test
    void aPageOfEightFullGpusIsRenderedInLessThanASecond() throws IOException {
        Snapshot large = SnapshotFixtures.large(8, 250);
        CollectorRegistry registry = new CollectorRegistry();
        new GpuCollector(() -> large).register(registry);
        long fastest = Long.MAX_VALUE;
        int length = 0;
        for (int i = 0; i < 30; i++) {
            long start = System.nanoTime();
            StringWriter page = new StringWriter();
            TextFormat.write004(page, registry.metricFamilySamples());
            fastest = Math.min(fastest, System.nanoTime() - start);
            length = page.getBuffer().length();
        }
        System.out.printf("8 GPUs x 250 processes: %d bytes in %.1f ms%n", length, fastest / 1e6);
        assertTrue(Duration.ofNanos(fastest).compareTo(Duration.ofSeconds(1)) < 0);
    }
}
