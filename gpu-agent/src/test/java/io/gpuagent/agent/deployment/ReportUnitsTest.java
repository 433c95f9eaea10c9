package io.gpuagent.agent.deployment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.fasterxml.jackson.databind.JsonNode;
import io.gpuagent.agent.cli.Invocation;
import io.gpuagent.testing.Command;
import io.gpuagent.testing.Requirement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The timers that write the report of each month. */
class ReportUnitsTest {

    private static final Path UNITS = DeploymentFiles.ROOT.resolve("report");

    @Test
    void theUnitsAskForWhatThereIs() {
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
    void theCronJobAsksForWhatThereIs() {
        JsonNode job = DeploymentFiles.documents(DeploymentFiles.ROOT.resolve("kubernetes/report/cron-job.yaml"))
                .get(0);
        List<String> words = new ArrayList<>();
        job.at("/spec/jobTemplate/spec/template/spec/containers/0/args").forEach(word -> words.add(word.asText()));
        assertReport(words);
    }

    private static void assertReport(List<String> words) {
        assertInstanceOf(Invocation.Report.class, Invocation.of(words, Map.of(), () -> "host"), words::toString);
    }

    @Test
    void systemdTakesTheUnits(@TempDir Path directory) throws IOException {
        Requirement.unlessOlder("systemd-analyze", Command.isOnPath("systemd-analyze"), "systemd is not installed");
        for (String kind : List.of("service", "timer")) {
            String unit = DeploymentFiles.text(UNITS.resolve("gpu-agent-report." + kind));
            // The program is not there where this is tested.
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
