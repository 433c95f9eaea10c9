package io.gpuagent.agent.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import io.gpuagent.testing.Golden;
import io.gpuagent.testing.Opened;
import io.gpuagent.testing.PrometheusServer;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The report over a scripted time range in a real Prometheus, compared with the true figures. {@code -Dreport.days=30}
 * makes the range a month.
 */
@ExtendWith(Opened.Scope.class)
class ReportIT {

    private static final double TOLERANCE = 0.005;
    private static final long FROM = Instant.parse("2026-10-01T00:00:00Z").getEpochSecond();
    static final ScriptedFleet FLEET = new ScriptedFleet(FROM, Integer.getInteger("report.days", 3));

    @TempDir
    private static Path directory;

    private PrometheusServer server;

    @BeforeEach
    void start(Opened opened) throws IOException {
        server = opened.shared(
                PrometheusServer.class,
                () -> PrometheusServer.over(FLEET.write(directory.resolve("fleet.txt")), directory));
    }

    private Report report(String... flags) throws IOException {
        return FLEET.report(server.url(), flags);
    }

    private static Report.Figures line(Report report, String... group) {
        return report.lines().stream()
                .filter(line -> line.group().equals(List.of(group)))
                .findFirst()
                .orElseThrow(() -> new AssertionError(report.lines().toString()))
                .figures();
    }

    private static void assertClose(double truth, BigDecimal reported, String what) {
        assertEquals(truth, reported.doubleValue(), Math.abs(truth) * TOLERANCE + 1e-3, what);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ml", "web", "batch"})
    void figuresMatchTheTrueUsage(String namespace) throws IOException {
        Report.Figures figures = line(report("--by=namespace"), namespace);
        assertClose(FLEET.gibHours(namespace), figures.gibHours(), "GiB-hours");
        assertClose(FLEET.smHours(namespace), figures.smHours(), "SM-hours");
        assertClose(FLEET.gpuHours(namespace), figures.gpuHours(), "GPU-hours");
        assertClose(FLEET.kwh(namespace), figures.kwh(), "kWh");
    }

    @Test
    void containerLabelsCanBeGroupedBy() throws IOException {
        Report byTeam = report("--by=label_team");
        Report byNamespace = report("--by=namespace");
        for (String namespace : List.of("ml", "web", "batch")) {
            assertEquals(line(byNamespace, namespace), line(byTeam, "team-" + namespace));
        }
    }

    @Test
    void totalsMatchTheSumsOverDevices() throws IOException {
        Report report = report("--by=namespace");
        assertClose(FLEET.observedHours(), report.total().gpuHours(), "observed");
        assertClose(FLEET.idleKwh(), line(report, "(unattributed)").kwh(), "unattributed kWh");
        double used = 0;
        double kwh = 0;
        for (Report.Device gpu : report.gpus()) {
            used += gpu.attributedGibHours().doubleValue()
                    + gpu.unattributedGibHours().doubleValue();
            kwh += gpu.kwh().doubleValue();
            assertEquals(
                    gpu.observedHours().doubleValue(),
                    gpu.occupiedHours().add(gpu.idleHours()).doubleValue(),
                    2e-4);
        }
        assertEquals(used, report.total().gibHours().doubleValue(), 1e-2);
        assertEquals(kwh, report.total().kwh().doubleValue(), kwh * TOLERANCE);
        Report.Figures sum = report.total();
        assertEquals(
                report.lines().stream()
                        .mapToDouble(line -> line.figures().gpuHours().doubleValue())
                        .sum(),
                sum.gpuHours().doubleValue(),
                1e-3);
    }

    @Test
    void peakAndMeanCoverTheTimeInWhichMemoryWasHeld() throws IOException {
        Report.Figures tune = line(report(), "ml/tune/main");
        assertEquals(75, tune.peakGib().doubleValue());
        assertClose(60, tune.meanGib(), "mean");
        assertClose(30, line(report(), "ml/train/main").meanGib(), "mean across a gap");
    }

    @Test
    void gapsAreShown() throws IOException {
        List<Report.Coverage> coverage = report().coverage();
        assertEquals(
                List.of("n1", "n2"),
                coverage.stream().map(Report.Coverage::node).toList());
        assertEquals(1, coverage.get(0).gaps().size(), coverage.toString());
        assertEquals(List.of(), coverage.get(1).gaps());
        assertClose(
                100 - 100.0 * 14_100 / (FLEET.to - FLEET.from), coverage.get(0).percent(), "coverage");
    }

    @Test
    void allWaysToShareAddUpToTheSame() throws IOException {
        for (String share : List.of("memory", "sm", "max")) {
            assertClose(
                    FLEET.observedHours(), report("--share=" + share).total().gpuHours(), share);
        }
    }

    @Test
    void workloadsThatTheFilterExcludesAreShownAsOthers() throws IOException {
        Report report = report("--by=namespace,node", "--filter=namespace=ml", "--price=gpu-hour=2,kwh=0.5");
        assertTrue(
                report.lines().stream().allMatch(line -> line.group().get(0).matches("ml|\\(.*\\)")),
                report.lines()::toString);
        Report.Figures others = line(report, "(others)");
        assertClose(FLEET.gpuHours("web") + FLEET.gpuHours("batch"), others.gpuHours(), "others");
        assertEquals(
                2 * others.gpuHours().doubleValue() + 0.5 * others.kwh().doubleValue(),
                others.cost().doubleValue(),
                1e-3);
    }

    @Test
    void runningPodsAreComparedWithTheirRequests() throws IOException {
        Report.Requested ml = report().requested().get(0);
        assertEquals("ml", ml.namespace());
        assertClose((FLEET.to - FLEET.from) / 3600.0, ml.requestedHours(), "requested");
        assertClose(FLEET.gpuHours("ml"), ml.usedHours(), "used");
    }

    @Test
    void jsonConformsToItsSchema() throws IOException {
        JsonSchema schema = JsonSchemaFactory.getInstance(VersionFlag.V202012)
                .getSchema(Report.class.getResourceAsStream("report.schema.json"));
        String json = TextFormats.json(report("--price=kwh=0.3", "--spread-energy"));
        assertEquals(Set.of(), schema.validate(json, InputFormat.JSON));
        assertEquals(
                1,
                schema.validate(json.replaceFirst("\"gpu_hours\" : ", "$0-"), InputFormat.JSON)
                        .size());
    }

    @Test
    void allFormatsShowTheSameNumbers() throws IOException {
        Report report = report("--by=namespace", "--price=gpu-hour=2");
        List<String> expected = numbers(TextFormats.csv(report));
        assertTrue(expected.size() > 20, expected::toString);
        List<String> json = numbers(TextFormats.json(report));
        List<String> markdown = numbers(TextFormats.markdown(report));
        List<String> html = numbers(HtmlFormat.html(report));
        for (String number : expected) {
            assertTrue(json.contains(number) && markdown.contains(number) && html.contains(number), number);
        }
    }

    @Test
    void theDocumentShowsAReport() throws IOException {
        if (Integer.getInteger("report.days") != null) {
            return;
        }
        String markdown = TextFormats.markdown(report("--by=namespace", "--price=gpu-hour=2,kwh=0.30"));
        Golden.checkDocument(
                "gpu-agent/REPORT.md",
                "report",
                "```\n" + markdown.substring(0, markdown.indexOf("\n## GPUs")) + "```\n");
    }

    private static List<String> numbers(String text) {
        List<String> numbers = new ArrayList<>();
        Matcher matcher = Pattern.compile("\\d+\\.\\d{4}\\b").matcher(text);
        while (matcher.find()) {
            numbers.add(matcher.group());
        }
        return numbers;
    }
}
