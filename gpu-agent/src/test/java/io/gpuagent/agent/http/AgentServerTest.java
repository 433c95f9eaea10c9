package io.gpuagent.agent.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.metrics.GpuCollector;
import io.gpuagent.agent.metrics.Snapshots;
import io.gpuagent.usage.Snapshot;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgentServerTest {

    private final HttpClient client = HttpClient.newHttpClient();
    private final AtomicReference<Snapshot> newest = new AtomicReference<>(Snapshots.twoGpus());
    private final CollectorRegistry registry = new CollectorRegistry();
    private AgentServer server;

    @BeforeEach
    void start() throws IOException {
        new GpuCollector(newest::get).register(registry);
        server = AgentServer.start(loopback(0), "/metrics", registry, newest::get, () -> "{}", null);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void metricsComeInTheOldFormatUnlessOpenMetricsIsAskedFor() throws Exception {
        HttpResponse<String> old = get("/metrics");
        assertEquals(200, old.statusCode());
        assertEquals("text/plain; version=0.0.4; charset=utf-8", header(old, "content-type"));
        assertTrue(old.body().contains("\nused_gpu_memory{container_name=\"ivws-channels\",gpu=\"0\","), old.body());
        HttpResponse<String> open = get("/metrics", "Accept", "application/openmetrics-text; version=1.0.0");
        assertEquals("application/openmetrics-text; version=1.0.0; charset=utf-8", header(open, "content-type"));
        assertTrue(open.body().endsWith("\n# EOF\n"), open.body());
    }

    @Test
    void metricsAreCompressedOnRequest() throws Exception {
        HttpRequest request =
                request("/metrics").header("Accept-Encoding", "gzip").build();
        HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
        GZIPInputStream plain = new GZIPInputStream(new ByteArrayInputStream(response.body()));
        assertEquals(get("/metrics").body(), new String(plain.readAllBytes(), StandardCharsets.UTF_8));
    }

    @Test
    void oneMetricCanBeAskedForByName() throws Exception {
        List<String> lines = get("/metrics?name[]=gpu_agent_up").body().lines().toList();
        assertEquals(List.of("gpu_agent_up 1.0"), lines.subList(2, lines.size()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/metrics/", "/metricsx", "/foo", "/-/", "/api/v1", "/%2e/metrics"})
    void otherPathsAreNotFound(String path) throws Exception {
        assertEquals(404, get(path).statusCode());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/page/page.js",
                "/metrics",
                "/api/v1/usage",
                "/api/v1/usage.schema.json",
                "/api/v1/history",
                "/api/v1/doctor",
                "/-/healthy",
                "/-/ready"
            })
    void everyPathAnswersGetAndHeadAndNothingElse(String path) throws Exception {
        try (Listening log = new Listening("com.sun.net.httpserver")) {
            assertEquals(200, get(path).statusCode());
            HttpRequest head = request(path)
                    .method("HEAD", BodyPublishers.noBody())
                    .header("Accept-Encoding", "gzip")
                    .build();
            HttpResponse<String> response = client.send(head, BodyHandlers.ofString());
            assertEquals(200, response.statusCode());
            assertEquals("", response.body());
            for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "PATCH")) {
                HttpRequest other = request(path)
                        .method(method, BodyPublishers.ofString("x"))
                        .build();
                HttpResponse<String> refused = client.send(other, BodyHandlers.ofString());
                assertEquals(405, refused.statusCode(), method);
                assertEquals("GET, HEAD", header(refused, "allow"));
            }
            assertEquals(List.of(), log.messages());
        }
    }

    @Test
    void itIsHealthyFromTheStartAndReadyWithTheFirstVerdict() throws Exception {
        newest.set(Snapshots.beforeTheFirstSample());
        assertEquals(200, get("/-/healthy").statusCode());
        assertEquals(503, get("/-/ready").statusCode());
        newest.set(Snapshots.noDriver());
        assertEquals(200, get("/-/ready").statusCode());
        newest.set(Snapshots.twoGpus());
        assertEquals(200, get("/-/ready").statusCode());
    }

    @Test
    void thePageLeadsToTheRestAndRunsNothingFromElsewhere() throws Exception {
        HttpResponse<String> page = get("/");
        assertEquals(
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
                        + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
                header(page, "content-security-policy"));
        assertEquals("no-referrer", header(page, "referrer-policy"));
        assertEquals("nosniff", header(page, "x-content-type-options"));
        assertEquals("text/html; charset=utf-8", header(page, "content-type"));
        assertTrue(page.body().contains("<a href=\"/metrics\">"), page.body());
        assertFalse(page.body().contains("${"), page.body());
        Matcher link = Pattern.compile("(?:href|src)=\"([^#\"]+)\"").matcher(page.body());
        List<String> links = link.results()
                .map(found -> found.group(1))
                .filter(found -> !found.startsWith("data:"))
                .toList();
        assertEquals(13, links.size(), links.toString());
        for (String path : links) {
            assertEquals(200, get(path.startsWith("/") ? path : "/" + path).statusCode(), path);
        }
    }

    @Test
    void thePageIsMadeOfNoMoreThanItMayBe() throws IOException {
        Path assets = Path.of("src/main/resources/io/gpuagent/agent/http/page");
        try (Stream<Path> files = Files.list(assets)) {
            long lines = 0;
            for (Path file : files.toList()) {
                List<String> text = Files.readAllLines(file);
                assertTrue(text.size() <= 300, file.toString());
                assertFalse(String.join("\n", text).contains("innerHTML"), file.toString());
                lines += text.size();
            }
            assertTrue(lines <= 1500, lines + " lines");
        }
    }

    @Test
    void historyAndTheDoctorsReportAreJson() throws Exception {
        assertEquals("application/json", header(get("/api/v1/history"), "content-type"));
        assertEquals("{}\n", get("/api/v1/doctor").body());
    }

    @Test
    void usageIsTheSnapshotAsJson() throws Exception {
        HttpResponse<String> usage = get("/api/v1/usage");
        assertEquals("application/json", header(usage, "content-type"));
        assertTrue(usage.body().contains("\"workload\":\"ivws-channels\""), usage.body());
    }

    @Test
    void aFailureWhileCollectingIsAnsweredAndLoggedOnce() throws Exception {
        Collector broken = new Collector() {
            @Override
            public List<MetricFamilySamples> collect() {
                throw new IllegalStateException("a bug");
            }
        };
        registry.register(broken);
        try (Listening log = new Listening(Router.class.getName())) {
            assertEquals(500, get("/metrics").statusCode());
            assertEquals(500, get("/metrics").statusCode());
            registry.unregister(broken);
            assertEquals(200, get("/metrics").statusCode());
            assertEquals(List.of("Answering /metrics failed; the same failure is not reported again"), log.messages());
        }
    }

    @Test
    void thePathOfTheMetricsCanBeAnother() throws Exception {
        try (AgentServer other =
                AgentServer.start(loopback(0), "/gpu\"", new CollectorRegistry(), newest::get, () -> "{}", null)) {
            URI root = URI.create("http://127.0.0.1:" + other.address().getPort());
            assertEquals(
                    200,
                    send(HttpRequest.newBuilder(root.resolve("/gpu%22")).build())
                            .statusCode());
            assertEquals(
                    404,
                    send(HttpRequest.newBuilder(root.resolve("/metrics")).build())
                            .statusCode());
            assertTrue(send(HttpRequest.newBuilder(root.resolve("/")).build())
                    .body()
                    .contains("href=\"/gpu&quot;\""));
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> AgentServer.start(loopback(0), "metrics", registry, newest::get, () -> "{}", null));
    }

    @Test
    void anAddressThatIsTakenOrUnknownIsNamed() {
        InetSocketAddress taken = server.address();
        IOException refused = assertThrows(
                IOException.class, () -> AgentServer.start(taken, "/metrics", registry, newest::get, () -> "{}", null));
        assertEquals(
                "Cannot listen on 127.0.0.1:" + taken.getPort() + ": Address already in use", refused.getMessage());
        InetSocketAddress unknown = InetSocketAddress.createUnresolved("no-such-host.invalid", 9900);
        IOException nowhere = assertThrows(
                IOException.class,
                () -> AgentServer.start(unknown, "/metrics", registry, newest::get, () -> "{}", null));
        assertEquals("Cannot listen on no-such-host.invalid:9900: the host is unknown", nowhere.getMessage());
    }

    @Test
    void anAddressOfTheNewProtocolIsNamedInBrackets() {
        InetSocketAddress foreign = new InetSocketAddress("2001:db8::1", 9900);
        IOException refused = assertThrows(
                IOException.class,
                () -> AgentServer.start(foreign, "/metrics", registry, newest::get, () -> "{}", null));
        assertTrue(refused.getMessage().startsWith("Cannot listen on [2001:db8:"), refused.getMessage());
    }

    @Test
    void closingStopsListeningAtOnce() {
        InetSocketAddress address = server.address();
        long start = System.nanoTime();
        server.close();
        assertTrue(System.nanoTime() - start < 1_000_000_000L);
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + "/-/healthy"))
                .build();
        assertThrows(ConnectException.class, () -> send(request));
    }

    /** Collects what a logger says. */
    private static final class Listening extends Handler implements AutoCloseable {

        private final Logger logger;
        private final List<String> messages = new ArrayList<>();

        Listening(String name) {
            this.logger = Logger.getLogger(name);
            logger.setUseParentHandlers(false);
            logger.addHandler(this);
        }

        @Override
        public synchronized void publish(LogRecord record) {
            messages.add(record.getMessage());
        }

        synchronized List<String> messages() {
            return List.copyOf(messages);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            logger.removeHandler(this);
            logger.setUseParentHandlers(true);
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:"
                + server.address().getPort() + path.replace("[", "%5B").replace("]", "%5D")));
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = request(path);
        return send(
                headers.length == 0 ? request.build() : request.headers(headers).build());
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, BodyHandlers.ofString());
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
}
