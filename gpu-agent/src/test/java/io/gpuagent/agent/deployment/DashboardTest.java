package io.gpuagent.agent.deployment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DashboardTest {

    private static List<Dashboard> all() {
        return Dashboard.all();
    }

    @ParameterizedTest
    @MethodSource("all")
    void everyMetricIsExportedOrRecorded(Dashboard dashboard) {
        Set<String> known = new TreeSet<>(MetricNames.exported());
        DeploymentFiles.yaml(DeploymentFiles.ROOT.resolve("prometheus/recording-rules.yml"))
                .findValuesAsText("record")
                .forEach(known::add);
        Set<String> unknown = dashboard.expressions().values().stream()
                .flatMap(expression -> PromQl.metrics(expression).stream())
                .filter(metric -> !known.contains(metric))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of(), unknown);
    }

    @ParameterizedTest
    @MethodSource("all")
    void everyVariableHasADefault(Dashboard dashboard) {
        dashboard
                .expressions()
                .forEach((panel, expression) -> assertFalse(expression.contains("$"), panel + ": " + expression));
    }

    @ParameterizedTest
    @MethodSource("all")
    void theNodeCanBeSelected(Dashboard dashboard) {
        assertTrue(dashboard.choices().containsKey("node"), dashboard.choices().toString());
    }

    @ParameterizedTest
    @MethodSource("all")
    void panelsHaveUniqueIdsAndDoNotOverlap(Dashboard dashboard) {
        Set<Integer> ids = new HashSet<>();
        Set<String> cells = new HashSet<>();
        for (JsonNode panel : dashboard.panels()) {
            JsonNode place = panel.path("gridPos");
            assertTrue(ids.add(panel.path("id").asInt()), panel.path("title").asText());
            assertTrue(
                    place.path("x").asInt() + place.path("w").asInt() <= 24,
                    panel.path("title").asText());
            for (int x = 0; x < place.path("w").asInt(); x++) {
                for (int y = 0; y < place.path("h").asInt(); y++) {
                    String cell = (place.path("x").asInt() + x) + ","
                            + (place.path("y").asInt() + y);
                    assertTrue(cells.add(cell), panel.path("title").asText() + " overlaps another panel");
                }
            }
        }
    }

    @Test
    void dashboardsLinkToEachOther() {
        Set<String> uids = all().stream().map(Dashboard::uid).collect(Collectors.toCollection(TreeSet::new));
        Set<String> linked = all().stream()
                .flatMap(dashboard -> dashboard.json().path("links").findValuesAsText("url").stream())
                .map(url -> url.replace("/d/", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(uids, linked);
    }

    @Test
    void theProvisionedDataSourceHasTheScrapeInterval() {
        Path grafana = DeploymentFiles.ROOT.resolve("grafana/provisioning");
        JsonNode source = DeploymentFiles.yaml(grafana.resolve("datasources/prometheus.yml"))
                .path("datasources")
                .path(0);
        assertEquals("prometheus", source.path("type").asText());
        String interval = DeploymentFiles.yaml(DeploymentFiles.ROOT.resolve("prometheus/prometheus.yml"))
                .path("global")
                .path("scrape_interval")
                .asText();
        assertEquals(interval, source.path("jsonData").path("timeInterval").asText());
    }
}
