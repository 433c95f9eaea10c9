package io.gpuagent.agent.deployment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gpuagent.testing.AgentProcess;
import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.PrometheusServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Prometheus with the shipped configuration, and the dashboards and alerts on its data. */
class ShippedPrometheusIT {

    private static final Path SCENARIO = Path.of("src/test/resources/io/gpuagent/agent/deployment/everything.scenario");

    @TempDir
    Path directory;

    @Test
    void everyPanelOfTheDashboardsHasData() {
        Map<String, String> expressions = new LinkedHashMap<>();
        for (Dashboard dashboard : Dashboard.all()) {
            dashboard
                    .expressions()
                    .forEach((panel, expression) -> expressions.put(dashboard.title() + ": " + panel, expression));
        }
        try (AgentProcess agent = agent();
                PrometheusServer prometheus = ShippedPrometheus.scraping(agent.port(), "{}", directory)) {
            Set<String> empty = new TreeSet<>(expressions.keySet());
            Eventually.get(
                    Duration.ofSeconds(90),
                    "panels without data",
                    () -> {
                        empty.removeIf(panel ->
                                !prometheus.query(expressions.get(panel)).isEmpty());
                        return empty;
                    },
                    Set::isEmpty);
            System.out.println(
                    expressions.size() + " queries of " + Dashboard.all().size() + " dashboards have data");
        }
    }

    @Test
    void everySelectionHasValues() {
        try (AgentProcess agent = agent();
                PrometheusServer prometheus = ShippedPrometheus.scraping(agent.port(), "{}", directory)) {
            for (Dashboard dashboard : Dashboard.all()) {
                dashboard
                        .choices()
                        .forEach((label, metric) -> Eventually.get(
                                Duration.ofSeconds(20),
                                "values of " + label,
                                () -> prometheus.query(
                                        "group by (" + label + ") (" + metric + "{" + label + "!=\"\"})"),
                                samples -> !samples.isEmpty()));
            }
        }
    }

    @Test
    void theTargetsLabelsDoNotReplaceThoseOfWorkloads() {
        String labels = "{namespace: monitoring, pod: gpu-agent-x2x4z, container: gpu-agent}";
        try (AgentProcess agent = agent();
                PrometheusServer prometheus = ShippedPrometheus.scraping(agent.port(), labels, directory)) {
            List<PrometheusServer.Sample> memory = Eventually.get(
                    Duration.ofSeconds(20),
                    "two workloads",
                    () -> prometheus.query("gpu_workload_memory_bytes"),
                    samples -> samples.size() == 2);
            Map<String, Collection<String>> shown = memory.stream()
                    .collect(Collectors.toMap(
                            sample -> sample.label("kind"),
                            sample -> List.of(
                                    sample.label("namespace"),
                                    sample.label("pod"),
                                    sample.label("container"),
                                    sample.label("node"))));
            assertEquals(
                    Map.of(
                            "container",
                            List.of("speech", "p", "asr", "127.0.0.1"),
                            "unit",
                            List.of("", "", "", "127.0.0.1")),
                    shown);
        }
    }

    @Test
    void theShippedAlertsAreLoadedAndAnXidFires() {
        try (AgentProcess agent = agent();
                PrometheusServer prometheus = ShippedPrometheus.scraping(agent.port(), "{}", directory)) {
            Eventually.get(
                    Duration.ofSeconds(90),
                    "the alert on Xid 31",
                    () -> prometheus.query("ALERTS{alertname=\"GpuXidWorkload\",alertstate=\"firing\",xid=\"31\"}"),
                    samples -> samples.size() == 1);
        }
    }

    private static AgentProcess agent() {
        return AgentProcess.serve(Map.of(), "--backend=simulated", "--scenario=" + SCENARIO);
    }
}
