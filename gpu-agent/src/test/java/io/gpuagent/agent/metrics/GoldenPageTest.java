package io.gpuagent.agent.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.metrics.MetricOptions.Legacy;
import io.gpuagent.agent.metrics.MetricOptions.LegacyUnit;
import io.gpuagent.testing.Golden;
import io.gpuagent.testing.Requirement;
import io.gpuagent.usage.Snapshot;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GoldenPageTest {

    @TempDir
    Path directory;

    record Page(String name, Snapshot snapshot, MetricOptions options) {

        @Override
        public String toString() {
            return name;
        }

        String render(String contentType) throws IOException {
            CollectorRegistry registry = new CollectorRegistry();
            new GpuCollector(() -> snapshot, options).register(registry);
            StringWriter text = new StringWriter();
            TextFormat.writeFormat(contentType, text, registry.metricFamilySamples());
            byte[] onTheWire = text.toString().getBytes(StandardCharsets.UTF_8);
            return new String(onTheWire, StandardCharsets.UTF_8).replaceAll(",java=\"[^\"]*\"", ",java=\"17\"");
        }
    }

    static Stream<Page> pages() {
        MetricOptions plain = MetricOptions.defaults()
                .withNode("node-1")
                .withVersion("1.2.3")
                .withLookups(() -> Map.of(List.of("docker", "found"), 2L, List.of("bundle", "not_found"), 1L));
        return Stream.of(
                new Page("two-gpus", SnapshotFixtures.twoGpus(), plain),
                new Page("per-process", SnapshotFixtures.twoGpus(), plain.withPerProcess(true)),
                new Page(
                        "legacy-process",
                        SnapshotFixtures.twoGpus(),
                        plain.withLegacy(Legacy.PROCESS, LegacyUnit.BYTES)),
                new Page(
                        "legacy-bits", SnapshotFixtures.twoGpus(), plain.withLegacy(Legacy.CONTAINER, LegacyUnit.BITS)),
                new Page("legacy-off", SnapshotFixtures.twoGpus(), plain.withLegacy(Legacy.OFF, LegacyUnit.BYTES)),
                new Page("catalogue", SnapshotFixtures.everyReading(), plain),
                new Page("unknown-memory", SnapshotFixtures.unknownMemory(), plain),
                new Page("negative-unattributed", SnapshotFixtures.negativeUnattributed(), plain),
                new Page("unreadable-list", SnapshotFixtures.unreadableList(), plain),
                new Page("states", SnapshotFixtures.oneOfEachState(), plain),
                new Page("before-the-first-sample", SnapshotFixtures.beforeTheFirstSample(), plain),
                new Page("no-driver", SnapshotFixtures.noDriver(), plain),
                new Page("stale", SnapshotFixtures.stale(), plain),
                new Page("hostile-names", SnapshotFixtures.hostileNames(), plain.withPerProcess(true)),
                new Page("mig", SnapshotFixtures.mig(), plain),
                new Page(
                        "accounts",
                        SnapshotFixtures.accounts(),
                        plain.withContainerLabels(List.of("team", "a.b", "a-b")).withPerProcess(true)),
                new Page(
                        "embedded",
                        SnapshotFixtures.simulated(),
                        MetricOptions.defaults().withVersion("1.2.3")));
    }

    @ParameterizedTest
    @MethodSource("pages")
    void aPageMatchesItsGoldenFileInBothFormats(Page page) throws IOException {
        Golden.check(GoldenPageTest.class, page.name() + ".txt", page.render(TextFormat.CONTENT_TYPE_004));
        Golden.check(
                GoldenPageTest.class,
                page.name() + ".openmetrics.txt",
                page.render(TextFormat.CONTENT_TYPE_OPENMETRICS_100));
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everySeriesOfAPageIsUnique(Page page) throws IOException {
        Set<String> seen = new HashSet<>();
        page.render(TextFormat.CONTENT_TYPE_004)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.substring(0, line.lastIndexOf(' ')))
                .forEach(series -> assertTrue(seen.add(series), series));
    }

    @ParameterizedTest
    @MethodSource("pages")
    void promtoolFindsNoProblem(Page page) throws IOException, InterruptedException {
        Path file = directory.resolve("page");
        Files.writeString(file, page.render(TextFormat.CONTENT_TYPE_004));
        Path output = directory.resolve("output");
        int status = new ProcessBuilder(Requirement.PROMTOOL.path().toString(), "check", "metrics")
                .redirectInput(file.toFile())
                .redirectOutput(output.toFile())
                .redirectErrorStream(true)
                .start()
                .waitFor();
        assertEquals("", Files.readString(output));
        assertEquals(0, status);
    }
}
