package io.gpuagent.agent.deployment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gpuagent.testing.Command;
import io.gpuagent.testing.Requirement;
import io.gpuagent.testing.Totals;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The files for Prometheus, checked with promtool. */
class PrometheusRulesTest {

    private static final Path FILES = DeploymentFiles.ROOT.resolve("prometheus");

    /** Metrics of Prometheus itself and of kube-state-metrics. */
    private static final Set<String> OTHERS =
            Set.of("up", "kube_pod_container_resource_requests", "kube_pod_status_phase");

    @Test
    void promtoolAcceptsTheConfiguration() {
        assertSuccess(
                promtool("check", "config", FILES.resolve("prometheus.yml").toString()));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void promtoolAcceptsTheRules(String name) {
        assertSuccess(promtool("check", "rules", "--lint=all", "--lint-fatal", rulesFile(name)));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void rulesPassTheirTests(String name) {
        assertSuccess(promtool("test", "rules", testFile(name)));
    }

    @Test
    void everyDocumentedJoinIsTested() {
        assertSuccess(promtool("test", "rules", testFile("joins")));
        String document = DeploymentFiles.text(FILES.resolveSibling("PROMETHEUS.md"));
        String section = document.substring(document.indexOf("## Joins"), document.indexOf("## Services"));
        List<String> shown = Pattern.compile("```promql\n(.*?)```", Pattern.DOTALL)
                .matcher(section)
                .results()
                .map(block -> block.group(1).strip())
                .toList();
        assertEquals(
                shown,
                expectations("joins").map(test -> expression(test).strip()).toList());
    }

    @Test
    void everyRecordingRuleIsTested() {
        Set<String> untested = rules("recording-rules", "record")
                .map(rule -> rule.path("record").asText())
                .collect(Collectors.toCollection(TreeSet::new));
        expectations("recording-rules").forEach(test -> untested.removeAll(PromQl.metrics(expression(test))));
        assertEquals(Set.of(), untested);
    }

    /**
     * Every rule uses the expression under Totals in METRICS.md, except that its condition is the recorded series
     * {@code gpu_agent:known:5m}.
     */
    @Test
    void everyTotalUsesTheDocumentedExpression() {
        Set<String> summed = new TreeSet<>();
        rules("recording-rules", "record")
                .forEach(rule -> PromQl.metrics(expression(rule)).stream()
                        .filter(metric -> metric.endsWith("_total"))
                        .forEach(counter -> {
                            String known = "(gpu_agent_up offset 5m or process_start_time_seconds > time() - 300)";
                            String expected = Totals.over(counter, "5m", "300").replace(known, "gpu_agent:known:5m");
                            assertEquals(
                                    expected.replaceAll("\\s+", " "),
                                    expression(rule).strip().replaceAll("\\s+", " "));
                            summed.add(counter);
                        }));
        assertEquals(5, summed.size(), summed.toString());
    }

    @Test
    void everyAlertIsTestedToFireAndNotToFire() {
        Set<String> alerts = rules("alerts", "alert")
                .map(rule -> rule.path("alert").asText())
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(alerts, tested(false), "alerts tested to fire");
        assertEquals(alerts, tested(true), "alerts tested not to fire");
    }

    @Test
    void everyAlertHasASummaryARunbookAndASeverity() {
        rules("alerts", "alert").forEach(rule -> {
            String name = rule.path("alert").asText();
            assertFalse(rule.path("annotations").path("summary").asText().isBlank(), name);
            assertFalse(rule.path("annotations").path("runbook").asText().isBlank(), name);
            assertTrue(
                    Set.of("critical", "warning", "info")
                            .contains(rule.path("labels").path("severity").asText()),
                    name);
        });
    }

    @Test
    void everyMetricIsExportedOrRecorded() {
        Set<String> known = new TreeSet<>(MetricNames.exported());
        known.addAll(OTHERS);
        rules("recording-rules", "record")
                .forEach(rule -> known.add(rule.path("record").asText()));
        Set<String> unknown = rules().flatMap(name -> rules(name, "expr"))
                .flatMap(rule -> PromQl.metrics(expression(rule)).stream())
                .filter(metric -> !known.contains(metric))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of(), unknown);
    }

    private static Stream<String> rules() {
        return Stream.of("recording-rules", "alerts");
    }

    private static String rulesFile(String name) {
        return FILES.resolve(name + ".yml").toString();
    }

    private static String testFile(String name) {
        return FILES.resolve("tests").resolve(name + "_test.yml").toString();
    }

    /** The rules of a file that have this property. */
    private static Stream<JsonNode> rules(String name, String property) {
        return DeploymentFiles.yaml(Path.of(rulesFile(name)))
                .path("groups")
                .valueStream()
                .flatMap(group -> group.path("rules").valueStream())
                .filter(rule -> rule.has(property));
    }

    private static Stream<JsonNode> expectations(String name) {
        return DeploymentFiles.yaml(Path.of(testFile(name)))
                .path("tests")
                .valueStream()
                .flatMap(test -> test.path("promql_expr_test").valueStream());
    }

    private static String expression(JsonNode rule) {
        return rule.path("expr").asText();
    }

    /** The alerts that a test expects to fire, or not to fire. */
    private static Set<String> tested(boolean silent) {
        return expectations("alerts")
                .filter(test -> test.path("exp_samples").isEmpty() == silent)
                .map(test -> expression(test).replaceAll(".*alertname=\"(\\w+)\".*", "$1"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Command.Result promtool(String... arguments) {
        Requirement.require(Requirement.PROMTOOL);
        return Command.of(Stream.concat(Stream.of("promtool"), List.of(arguments).stream())
                .toList());
    }

    private static void assertSuccess(Command.Result result) {
        assertEquals(0, result.status(), result.output());
    }
}
