package io.gpuagent.agent.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.metrics.GpuCollector;
import io.gpuagent.agent.metrics.SnapshotFixtures;
import io.gpuagent.testing.Opened;
import io.gpuagent.usage.Snapshot;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
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
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Opened.Scope.class)
class AgentServerTest {

    private final HttpClient client = HttpClient.newHttpClient();
    private final AtomicReference<Snapshot> newest = new AtomicReference<>(SnapshotFixtures.twoGpus());
    private final CollectorRegistry registry = new CollectorRegistry();
    private Opened opened;
    private AgentServer server;

    @BeforeEach
    void start(Opened opened) throws IOException {
        this.opened = opened;
        new GpuCollector(newest::get).register(registry);
        server = start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), "/metrics");
    }

    private AgentServer start(InetSocketAddress address, String path) throws IOException {
        return opened.add(AgentServer.start(address, path, registry, newest::get, () -> "{}", null));
    }

    @Test
    void metricsAreInTheTextFormatUnlessOpenMetricsIsRequested() throws Exception {
        HttpResponse<String> old = get("/metrics");
        assertEquals(200, old.statusCode());
        assertEquals("text/plain; version=0.0.4; charset=utf-8", header(old, "content-type"));
        assertTrue(old.body().contains("\nused_gpu_memory{container_name=\"ivws-channels\",gpu=\"0\","), old.body());
        HttpResponse<String> open = get("/metrics", "Accept", "application/openmetrics-text; version=1.0.0");
        assertEquals("application/openmetrics-text; version=1.0.0; charset=utf-8", header(open, "content-type"));
        assertTrue(open.body().endsWith("\n# EOF\n"), open.body());
    }

    @ParameterizedTest
    @CsvSource({"gzip,true", "'br, GZIP',true", "'deflate, gzip',true", "br,false", "gzipped,false", "'',false"})
    void metricsAreCompressedOnRequest(String accepted, boolean compressed) throws Exception {
        HttpRequest request =
                request("/metrics").header("Accept-Encoding", accepted).build();
        HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
        assertEquals(compressed ? "gzip" : "", header(response, "content-encoding"));
        assertEquals(response.body().length, Integer.parseInt(header(response, "content-length")));
        InputStream body = new ByteArrayInputStream(response.body());
        InputStream plain = compressed ? new GZIPInputStream(body) : body;
        assertEquals(get("/metrics").body(), new String(plain.readAllBytes(), StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            name[]=gpu_agent_up,                         gpu_agent_up
            name%5B%5D=gpu%5Fagent_up&x=1&name[]=gpu_up, gpu_up gpu_up gpu_agent_up
            name[]=none,                                 ''
            """)
    void metricsCanBeRequestedByName(String query, String names) throws Exception {
        HttpResponse<String> page = get("/metrics?" + query);
        Stream<String> lines = page.body().lines().filter(line -> !line.startsWith("#"));
        assertEquals(names, lines.map(line -> line.split("[ {]")[0]).collect(Collectors.joining(" ")));
        assertEquals(String.valueOf(page.body().length()), header(page, "content-length"));
        assertEquals("", header(page, "transfer-encoding"));
        assertEquals(
                get("/metrics").body(), get("/metrics?name=gpu_agent_up&&=").body());
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
        try (LogLines log = new LogLines("com.sun.net.httpserver")) {
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
    void itIsHealthyFromTheStartAndReadyAfterTheFirstSampleOrFailure() throws Exception {
        newest.set(SnapshotFixtures.beforeTheFirstSample());
        assertEquals(200, get("/-/healthy").statusCode());
        assertEquals(503, get("/-/ready").statusCode());
        newest.set(SnapshotFixtures.noDriver());
        assertEquals(200, get("/-/ready").statusCode());
        newest.set(SnapshotFixtures.twoGpus());
        assertEquals(200, get("/-/ready").statusCode());
    }

    @Test
    void theStatusPageLinksEveryPathAndLoadsNothingFromElsewhere() throws Exception {
        HttpResponse<String> page = get("/");
        assertEquals(
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
                        + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
                header(page, "content-security-policy"));
        assertEquals("no-referrer", header(page, "referrer-policy"));
        assertEquals("nosniff", header(page, "x-content-type-options"));
        assertEquals("text/html; charset=utf-8", header(page, "content-type"));
        assertTrue(page.body().contains("<a href=\"./metrics\">"), page.body());
        assertFalse(page.body().contains("${"), page.body());
        Matcher link = Pattern.compile("(?:href|src)=\"([^#\"]+)\"").matcher(page.body());
        List<String> links = link.results()
                .map(found -> found.group(1))
                .filter(found -> !found.startsWith("data:"))
                .toList();
        assertEquals(13, links.size(), links.toString());
        for (String path : links) {
            assertEquals(200, get("/" + path.replace("./", "")).statusCode(), path);
        }
    }

    @Test
    void theStatusPagesFilesStayWithinTheirSizeLimits() throws IOException {
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

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', textBlock = """
            /api/v1/usage,   `"workload":"ivws-channels"`
            /api/v1/history, `"step_seconds":10`
            /api/v1/doctor,  `{}`
            """)
    void theApiAnswersInJson(String path, String text) throws Exception {
        HttpResponse<String> page = get(path);
        assertEquals("application/json", header(page, "content-type"));
        assertTrue(page.body().contains(text), page.body());
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
        try (LogLines log = new LogLines(Router.class.getName())) {
            assertEquals(500, get("/metrics").statusCode());
            assertEquals(500, get("/metrics").statusCode());
            registry.unregister(broken);
            assertEquals(200, get("/metrics").statusCode());
            assertEquals(
                    List.of("Request for /metrics failed; identical failures are not logged again"), log.messages());
        }
    }

    @Test
    void theMetricsPathIsConfigurable() throws Exception {
        server.close();
        server = start(server.address(), "/gpu\"");
        assertEquals(200, get("/gpu%22").statusCode());
        assertEquals(404, get("/metrics").statusCode());
        assertTrue(get("/").body().contains("href=\"./gpu&quot;\""));
    }

    static Stream<Arguments> places() {
        return Stream.of(
                Arguments.of(
                        InetSocketAddress.createUnresolved("no-such-host.invalid", 9900),
                        "no-such-host.invalid:9900: the host is unknown"),
                Arguments.of(new InetSocketAddress("2001:db8::1", 9900), "[2001:db8:0:0:0:0:0:1]:9900: "));
    }

    @ParameterizedTest
    @MethodSource("places")
    void anAddressThatCannotBeBoundIsNamed(InetSocketAddress address, String named) {
        String refusal = assertThrows(IOException.class, () -> start(address, "/metrics"))
                .getMessage();
        assertTrue(refusal.startsWith("Cannot listen on " + named), refusal);
    }

    @Test
    void anAddressInUseIsNamed() {
        InetSocketAddress taken = server.address();
        IOException refused = assertThrows(IOException.class, () -> start(taken, "/metrics"));
        assertEquals(
                "Cannot listen on 127.0.0.1:" + taken.getPort() + ": Address already in use", refused.getMessage());
    }

    @Test
    void closingStopsListeningAtOnce() {
        HttpRequest request = request("/-/healthy").build();
        long start = System.nanoTime();
        server.close();
        assertTrue(System.nanoTime() - start < 1_000_000_000L);
        assertThrows(ConnectException.class, () -> send(request));
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
}
