package io.gpuagent.agent.deployment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gpuagent.agent.cli.Invocation;
import io.gpuagent.testing.Command;
import io.gpuagent.testing.Requirement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The timers that write the monthly report. */
class ReportUnitsTest {

    private static final Path UNITS = DeploymentFiles.ROOT.resolve("report");

    @Test
    void theUnitsUseExistingFlags() {
        String start = DeploymentFiles.text(UNITS.resolve("gpu-agent-report.service"))
                .lines()
                .filter(line -> line.startsWith("ExecStart="))
                .findFirst()
                .orElseThrow()
                .replace("${PROMETHEUS}", "http://localhost:9090");
        List<String> words = Arrays.asList(start.split(" "));
        assertReport(words.subList(1, words.size()));
    }

    @Test
    void theCronJobUsesExistingFlags() {
        List<String> words = new ArrayList<>();
        container().path("args").forEach(word -> words.add(word.asText()));
        assertReport(words);
    }

    @Test
    void theCronJobKeepsEveryMonthsReport(@TempDir Path reports) throws IOException {
        Path agent = Files.writeString(
                reports.resolve("agent"), "#!/bin/sh\necho \"$1\" > " + reports.resolve("last-month.html") + "\n");
        assertTrue(agent.toFile().setExecutable(true));
        List<String> command = new ArrayList<>();
        container()
                .path("command")
                .forEach(word -> command.add(word.asText()
                        .replace("/opt/gpu-agent/gpu-agent", agent.toString())
                        .replace("/reports/", reports + "/")));
        command.add("report");
        Command.run(command);
        String month = YearMonth.now(ZoneOffset.UTC).minusMonths(1).toString();
        assertEquals("report\n", Files.readString(reports.resolve(month + ".html")));
    }

    private static JsonNode container() {
        return DeploymentFiles.documents(DeploymentFiles.ROOT.resolve("kubernetes/report/cron-job.yaml"))
                .get(0)
                .at("/spec/jobTemplate/spec/template/spec/containers/0");
    }

    private static void assertReport(List<String> words) {
        assertInstanceOf(Invocation.RunReport.class, Invocation.of(words, Map.of(), () -> "host"), words::toString);
    }

    @Test
    void systemdAcceptsTheUnits(@TempDir Path directory) throws IOException {
        Requirement.unlessOlder("systemd-analyze", Command.isOnPath("systemd-analyze"), "systemd is not installed");
        for (String kind : List.of("service", "timer")) {
            String unit = DeploymentFiles.text(UNITS.resolve("gpu-agent-report." + kind));
            // The program is not installed where this test runs.
            Files.writeString(
                    directory.resolve("gpu-agent-report." + kind),
                    unit.replace("/opt/gpu-agent/gpu-agent", "/bin/true"));
        }
        Command.Result result = Command.of(List.of(
                "systemd-analyze",
                "verify",
                "--man=no",
                directory.resolve("gpu-agent-report.service").toString(),
                directory.resolve("gpu-agent-report.timer").toString()));
        assertEquals(
                "",
                result.output()
                        .lines()
                        .filter(line -> line.contains("gpu-agent-report"))
                        .findFirst()
                        .orElse(""));
    }
}
