package io.gpuagent.agent.deployment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gpuagent.agent.cli.Invocation;
import io.gpuagent.testing.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The systemd unit and the Kubernetes CronJob that write the monthly report. */
class ReportUnitsTest {

    private static final Path UNIT = Path.of("src/deb/gpu-agent-report.service");

    @Test
    void theUnitAndItsSettingsAreAcceptedByTheReportCommand() {
        List<String> words = new ArrayList<>();
        for (String word : setting("ExecStart").split(" ")) {
            words.addAll(word.equals("$ARGS") ? arguments() : List.of(word));
        }
        assertReport(words.subList(1, words.size()).stream()
                .map(ReportUnitsTest::expanded)
                .toList());
    }

    private static List<String> arguments() {
        String file = DeploymentFiles.text(Path.of("src/deb/gpu-agent-report.default"));
        Matcher example = Pattern.compile("(?m)^#ARGS=\"(.*)\"$").matcher(file);
        assertTrue(example.find(), file);
        return List.of(example.group(1).split(" "));
    }

    private static String expanded(String word) {
        String expanded = word.replace("${STATE_DIRECTORY}", "/var/lib/gpu-agent-report");
        for (String assignment : setting("Environment").split(" ")) {
            String[] variable = assignment.split("=", 2);
            expanded = expanded.replace("${" + variable[0] + "}", variable[1]);
        }
        return expanded;
    }

    private static String setting(String key) {
        return DeploymentFiles.text(UNIT)
                .lines()
                .filter(line -> line.startsWith(key + "="))
                .findFirst()
                .orElseThrow()
                .substring(key.length() + 1);
    }

    @Test
    void theUnitKeepsEachMonth(@TempDir Path reports) throws IOException {
        Files.writeString(reports.resolve("last-month.csv"), "report");
        String script = setting("ExecStartPost")
                .replaceFirst("^/bin/sh -c '(.*)'$", "$1")
                .replace("%%", "%");
        Command.run("env", "STATE_DIRECTORY=" + reports, "FORMAT=csv", "/bin/sh", "-c", script);
        assertEquals("report", Files.readString(reports.resolve(lastMonth() + ".csv")));
    }

    private static String lastMonth() {
        return YearMonth.now(ZoneOffset.UTC).minusMonths(1).toString();
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
        assertEquals("report\n", Files.readString(reports.resolve(lastMonth() + ".html")));
    }

    private static JsonNode container() {
        return DeploymentFiles.documents(DeploymentFiles.ROOT.resolve("kubernetes/report/cron-job.yaml"))
                .get(0)
                .at("/spec/jobTemplate/spec/template/spec/containers/0");
    }

    private static void assertReport(List<String> words) {
        assertInstanceOf(Invocation.RunReport.class, Invocation.of(words, Map.of(), () -> "host"), words::toString);
    }
}
