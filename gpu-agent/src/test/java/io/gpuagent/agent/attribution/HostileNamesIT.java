package io.gpuagent.agent.attribution;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.sun.net.httpserver.HttpServer;
import io.gpuagent.nvml.FakeNvml;
import io.gpuagent.testing.AgentProcess;
import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.Exposition;
import io.gpuagent.testing.Opened;
import io.gpuagent.testing.PrometheusServer;
import io.gpuagent.usage.WorkloadUsage;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hostile names from every source of names: every page stays valid, and every name is shown unchanged. */
@ExtendWith(Opened.Scope.class)
class HostileNamesIT {

    private static final String TEXT = "text/plain; version=0.0.4";
    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0";
    private static final Duration START = Duration.ofSeconds(60);

    private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");

    /** The environment has no locale, as in a systemd service. */
    private static final Map<String, String> ENVIRONMENT = Map.of("LC_ALL", "C");

    @TempDir
    static Path directory;

    private HostileNode node;
    private AgentProcess agent;
    private String[] flags;

    @TempDir
    Path own;

    @BeforeEach
    void start(Opened opened) throws IOException {
        FakeNvml fake = opened.shared(
                FakeNvml.class, () -> FakeNvml.build(FakeNvml.Variant.DRIVER_580, directory.resolve("nvml")));
        node = opened.shared(HostileNode.class, () -> new HostileNode(directory));
        flags = new String[] {
            "--nvml.library=" + fake.library(),
            "--docker.host=" + node.daemon.address(),
            "--oci.bundles=" + node.bundles,
            "--container.labels=" + HostileNode.LABELS
        };
        agent = opened.shared(AgentProcess.class, () -> {
            fake.play(node.populate());
            return AgentProcess.launch(ENVIRONMENT, flags);
        });
        agent.metrics(START, "every name is known or refused", this::isSettled);
    }

    private boolean isSettled(String page) {
        Map<String, Integer> unnamed = new HashMap<>();
        Exposition.parse(page).stream()
                .filter(line -> line.name().equals("gpu_agent_unnamed_workloads") && line.value() > 0)
                .forEach(line -> unnamed.put(line.label("reason"), (int) line.value()));
        return unnamed.equals(node.expected.unnamed);
    }

    @ParameterizedTest
    @ValueSource(strings = {TEXT, OPEN_METRICS})
    void everyNameIsExposedUnchanged(String format) {
        assertShown(lines(format));
    }

    @ParameterizedTest
    @ValueSource(strings = {TEXT, OPEN_METRICS})
    void everySeriesOfAPageIsUnique(String format) {
        Set<List<Object>> seen = new HashSet<>();
        lines(format).forEach(line -> assertTrue(seen.add(List.of(line.name(), line.labels())), line::toString));
    }

    @ParameterizedTest
    @ValueSource(strings = {TEXT, OPEN_METRICS})
    void longNamesAreCut(String format) {
        String page = page(format);
        System.out.println(
                format + ": " + page.length() + " characters for " + node.expected.memory.size() + " workloads");
        for (String line : page.split("\n")) {
            assertTrue(line.length() < 16 << 10, line);
        }
    }

    @Test
    void promtoolFindsNoProblem() {
        assertEquals("", PrometheusServer.complaints(page(TEXT)));
    }

    @ParameterizedTest
    @ValueSource(strings = {TEXT, OPEN_METRICS})
    void prometheusStoresEverySeriesUnchanged(String format) throws IOException {
        HttpServer relay = relay(format);
        try (PrometheusServer prometheus =
                PrometheusServer.scraping(relay.getAddress().getPort(), own)) {
            assertShown(prometheus.query("{__name__=~\".+\"}").stream()
                    .map(HostileNamesIT::line)
                    .toList());
            List<PrometheusServer.Sample> lost = prometheus.query(
                    "scrape_samples_scraped != on() count({__name__=~\".+\",__name__!~\"up|scrape_.*\"})");
            assertEquals(List.of(), lost);
            assertFalse(prometheus.log().contains("level=warn component=\"scrape"), prometheus::log);
            assertFalse(prometheus.log().contains("level=error"), prometheus::log);
        } finally {
            relay.stop(0);
        }
    }

    /**
     * Starts a server that relays the metrics page in one format only. From the agent itself, Prometheus would always
     * request OpenMetrics.
     */
    private HttpServer relay(String format) throws IOException {
        HttpServer relay = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        relay.createContext("/metrics", exchange -> {
            byte[] page = answer(format);
            exchange.getResponseHeaders().set("Content-Type", format + "; charset=utf-8");
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        relay.start();
        return relay;
    }

    @Test
    void usageConformsToItsSchemaAndHasEveryName() throws IOException {
        String json = agent.get("/api/v1/usage").body();
        try (InputStream schema = getClass().getResourceAsStream("/io/gpuagent/agent/http/usage.schema.json")) {
            assertEquals(
                    Set.of(),
                    JsonSchemaFactory.getInstance(VersionFlag.V202012)
                            .getSchema(schema)
                            .validate(json, InputFormat.JSON));
        }
        List<Exposition.Series> shown = new ArrayList<>();
        for (JsonNode workload : new ObjectMapper().readTree(json).at("/gpus/0/workloads")) {
            Map<String, String> labels = new HashMap<>();
            workload.properties()
                    .forEach(
                            field -> labels.put(field.getKey(), field.getValue().asText()));
            shown.add(new Exposition.Series(
                    "", labels, workload.path("memory_bytes").asDouble()));
        }
        assertEquals(node.expected.memory, byLabels(shown, workloadLabels()));
    }

    @Test
    void psShowsOneRowPerWorkload() {
        String table = ps("table");
        List<String> rows = table.lines()
                .dropWhile(line -> !line.contains("WORKLOAD"))
                .skip(1)
                .takeWhile(line -> !line.isEmpty())
                .toList();
        assertEquals(node.expected.memory.size(), rows.size(), table);
        String csv = ps("csv");
        assertEquals(1 + node.expected.memory.size() + 1, csv.lines().count(), csv);
        csv.lines()
                .forEach(line ->
                        assertEquals(0, line.chars().filter(c -> c == '"').count() % 2, line));
    }

    /**
     * Runs ps until all names are known: on a busy machine, the two seconds that ps waits for them may be too short.
     */
    private String ps(String format) {
        List<String> arguments = new ArrayList<>(List.of("ps", "--format=" + format));
        arguments.addAll(List.of(flags));
        String[] shown = {""};
        Eventually.within(START, "a sample", () -> {
            AgentProcess.Result result = AgentProcess.run(ENVIRONMENT, arguments.toArray(String[]::new));
            assertEquals(0, result.status(), result.err());
            shown[0] = result.out();
            return !(result.out() + result.err()).contains("no answer yet");
        });
        assertHarmless(shown[0]);
        return shown[0];
    }

    /**
     * An unreadable record is a failure of one container, not of the daemon, so the log does not mention the daemon.
     */
    @Test
    void theLogStaysShort() {
        assertTrue(agent.err().lines().count() < 20, agent::err);
        assertHarmless(agent.err());
    }

    /** No line contains a character that controls a terminal or ends a line. */
    private static void assertHarmless(String text) {
        for (String line : text.split("\n")) {
            assertFalse(CONTROL.matcher(line).find(), line);
        }
    }

    private byte[] answer(String format) {
        HttpResponse<byte[]> answer = agent.get("/metrics", format, HttpResponse.BodyHandlers.ofByteArray());
        assertTrue(answer.headers().firstValue("Content-Type").orElse("").startsWith(format));
        return answer.body();
    }

    /** The metrics page, which must be valid UTF-8. */
    private String page(String format) {
        byte[] answer = answer(format);
        String page = new String(answer, StandardCharsets.UTF_8);
        assertArrayEquals(page.getBytes(StandardCharsets.UTF_8), answer);
        return page;
    }

    private List<Exposition.Series> lines(String format) {
        return Exposition.parse(page(format));
    }

    private static Exposition.Series line(PrometheusServer.Sample sample) {
        Map<String, String> labels = sample.labels().properties().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, label -> label.getValue().asText()));
        return new Exposition.Series(sample.label("__name__"), labels, sample.value());
    }

    private void assertShown(List<Exposition.Series> lines) {
        Map<String, List<Exposition.Series>> families =
                lines.stream().collect(Collectors.groupingBy(Exposition.Series::name));
        assertEquals(node.expected.memory, byLabels(families.get("gpu_workload_memory_bytes"), workloadLabels()));
        assertEquals(
                node.expected.legacy,
                byLabels(families.get("used_gpu_memory"), Set.of("container_name", "container_id")));
        // Ignores the series of workloads that were shown by id before their names were known.
        List<Exposition.Series> details = families.get("gpu_workload_info").stream()
                .filter(line -> node.expected.memory.containsKey(labels(line, workloadLabels())))
                .toList();
        assertEquals(node.expected.memory.size(), details.size());
        Map<String, Map<String, String>> byId = details.stream()
                .filter(line -> node.expected.details.containsKey(line.label("container_id")))
                .collect(Collectors.toMap(
                        line -> line.label("container_id"),
                        line -> labels(
                                line,
                                node.expected
                                        .details
                                        .get(line.label("container_id"))
                                        .keySet())));
        assertEquals(node.expected.details, byId);
    }

    private static Set<String> workloadLabels() {
        return WorkloadUsage.LABEL_NAMES.stream()
                .filter(name -> !Set.of("mig", "user", "batch_job").contains(name))
                .collect(Collectors.toSet());
    }

    private static Map<Map<String, String>, Double> byLabels(List<Exposition.Series> lines, Set<String> labels) {
        return lines.stream().collect(Collectors.toMap(line -> labels(line, labels), Exposition.Series::value));
    }

    private static Map<String, String> labels(Exposition.Series line, Set<String> labels) {
        return labels.stream().collect(Collectors.toMap(Function.identity(), line::label));
    }
}
