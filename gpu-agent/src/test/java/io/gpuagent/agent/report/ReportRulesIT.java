package io.gpuagent.agent.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.gpuagent.testing.PrometheusServer;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The series of the shipped recording rules, compared with the samples they are computed from. */
class ReportRulesIT {

    private static final ScriptedFleet FLEET =
            new ScriptedFleet(Instant.parse("2026-10-01T00:00:00Z").getEpochSecond(), 2);
    private static final YAMLMapper YAML = new YAMLMapper();

    @Test
    void rulesAndSamplesYieldTheSameReport(@TempDir Path directory) throws IOException {
        Path known = rules(directory, "known.yml", name -> name.equals("gpu_agent:known:5m"));
        Path others = rules(directory, "others.yml", name -> name.endsWith("increase5m"));
        try (PrometheusServer server = PrometheusServer.over(FLEET.write(directory.resolve("fleet.txt")), directory)) {
            server.record(known, FLEET.from, FLEET.to, directory);
        }
        // The other rules read the series that this rule records.
        try (PrometheusServer server = PrometheusServer.over(directory)) {
            server.record(others, FLEET.from, FLEET.to, directory);
        }
        try (PrometheusServer server = PrometheusServer.over(directory)) {
            Report samples = FLEET.report(server.url(), "--by=namespace", "--recording-rules=off");
            Report recorded = FLEET.report(server.url(), "--by=namespace", "--recording-rules=auto");
            for (int i = 0; i < 3; i++) {
                assertAlike(samples.lines().get(i), recorded.lines().get(i));
            }
            // The samples have a gap. Jobs of three minutes lie in one interval of the report, but in one or two
            // intervals of the rules.
            for (int i = 0; i < 2; i++) {
                assertAlike(samples.lines().get(i), recorded.lines().get(i), Report.Figures::meanGib, 1e-3);
            }
            assertAlike(new Report.Line(List.of(), samples.total()), new Report.Line(List.of(), recorded.total()));
            assertTrue(
                    Math.abs(samples.total()
                                    .gibHours()
                                    .subtract(recorded.total().gibHours())
                                    .doubleValue())
                            > 0,
                    "the recorded series were not read");
        }
    }

    /** Prometheus 2 returns the sample at midnight for both days. */
    @Test
    void evaluationsAtMidnightCountOnce(@TempDir Path directory) throws IOException {
        StringBuilder text = new StringBuilder();
        String agent = "{job=\"gpu\",instance=\"a\"} 1 ";
        String gpu = "{job=\"gpu\",instance=\"a\",gpu=\"0\",uuid=\"GPU-0\"";
        for (long time = FLEET.from - 3600; time <= FLEET.to; time += ScriptedFleet.STEP) {
            text.append("gpu_agent_up" + agent + time + "\ngpu_agent:known:5m" + agent + time + "\n");
            text.append("gpu_up" + gpu + "} 1 " + time + "\n");
            text.append("gpu_workload:memory_byte_seconds:increase5m" + gpu + ",workload=\"w\"} ")
                    .append(300L << 30)
                    .append(" " + time + "\n");
        }
        Path file = Files.writeString(directory.resolve("samples.txt"), text + "# EOF\n");
        try (PrometheusServer server = PrometheusServer.over(file, directory)) {
            Report.Figures figures = FLEET.report(server.url()).lines().get(0).figures();
            assertEquals("48.0000", figures.gibHours().toPlainString());
            assertEquals("48.0000", figures.gpuHours().toPlainString());
        }
    }

    private static void assertAlike(Report.Line samples, Report.Line recorded) {
        assertEquals(samples.group(), recorded.group());
        assertAlike(samples, recorded, Report.Figures::gibHours, 1e-3);
        assertAlike(samples, recorded, Report.Figures::smHours, 1e-3);
        assertAlike(samples, recorded, Report.Figures::kwh, 1e-3);
        // Jobs of three minutes have a GPU to themselves for two hours; the number of intervals they touch depends on
        // where intervals begin.
        assertAlike(samples, recorded, Report.Figures::gpuHours, 0.15);
    }

    private static void assertAlike(
            Report.Line samples, Report.Line recorded, Function<Report.Figures, BigDecimal> figure, double slack) {
        double truth = figure.apply(samples.figures()).doubleValue();
        double other = figure.apply(recorded.figures()).doubleValue();
        assertEquals(truth, other, truth * 0.005 + slack, () -> samples + "\n" + recorded);
    }

    private static Path rules(Path directory, String name, Predicate<String> wanted) throws IOException {
        JsonNode file = YAML.readTree(
                Path.of("../docker/prometheus/recording-rules.yml").toFile());
        ArrayNode rules = (ArrayNode) file.at("/groups/0/rules");
        for (int i = rules.size() - 1; i >= 0; i--) {
            if (!wanted.test(rules.get(i).path("record").asText())) {
                rules.remove(i);
            }
        }
        Path written = directory.resolve(name);
        Files.writeString(written, YAML.writeValueAsString(file));
        return written;
    }
}
