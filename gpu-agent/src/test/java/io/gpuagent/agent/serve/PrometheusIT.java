package io.gpuagent.agent.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.AgentProcess;
import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.PrometheusServer;
import io.gpuagent.testing.PrometheusServer.Sample;
import io.gpuagent.testing.Totals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Prometheus scrapes the packaged agent on its demo scenario: four GPUs, one of them without workloads, with
 * moving values.
 */
class PrometheusIT {

    private static final String BALANCE =
            "gpu_memory_used_bytes - on(gpu) ((sum by (gpu) (gpu_workload_memory_bytes) or on(gpu) 0 * gpu_memory_used_bytes)"
                    + " + on(gpu) gpu_memory_unattributed_bytes)";

    @TempDir
    Path directory;

    @Test
    void memoryAddsUpInPromQlForEveryGpu() {
        try (AgentProcess agent = AgentProcess.serve(Map.of(), "--backend=simulated");
                PrometheusServer prometheus = PrometheusServer.scraping(agent.port(), directory)) {
            for (int i = 0; i < 5; i++) {
                Eventually.pause(Duration.ofMillis(1100));
                Map<String, Double> balance = prometheus.query(BALANCE).stream()
                        .collect(Collectors.toMap(sample -> sample.label("gpu"), Sample::value));
                assertEquals(Map.of("0", 0.0, "1", 0.0, "2", 0.0, "3", 0.0), balance);
            }
            List<Sample> idle = prometheus.query("gpu_memory_used_bytes unless on(gpu) gpu_workload_memory_bytes");
            assertEquals(
                    List.of("3"),
                    idle.stream().map(sample -> sample.label("gpu")).toList());
            assertEquals(
                    List.of("notebook"),
                    prometheus.query("used_gpu_memory{container_name=\"notebook\",unit=\"bytes\"}").stream()
                            .map(sample -> sample.label("container_name"))
                            .toList());
            assertFalse(prometheus.log().contains("level=warn component=\"scrape"), prometheus.log());
        }
    }

    @Test
    void promtoolFindsNoProblem() {
        try (AgentProcess agent = AgentProcess.serve(Map.of(), "--backend=simulated", "--collect.processes")) {
            String page = agent.metrics(Duration.ofSeconds(10), "samples", text -> text.contains("gpu_up{"));
            assertEquals("", PrometheusServer.complaints(page));
        }
    }

    /**
     * The input series are what a server stores across failed scrapes, a restart, new and ended series; the expression
     * is the one under Totals in METRICS.md.
     */
    @Test
    void theTotalOverAWindowIsRightDespiteFailedScrapesAndRestarts() throws IOException {
        String cases = Files.readString(Path.of("src/test/resources/io/gpuagent/agent/serve/totals.test.yml"));
        String expression = Totals.over("x", "1m", "60").replaceAll("\\s+", " ");
        String result = PrometheusServer.testRules(
                Files.writeString(directory.resolve("totals.yml"), cases.replace("EXPRESSION", expression)));
        assertTrue(result.endsWith("SUCCESS"), result);
    }
}
