package io.gpuagent.agent.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.gpuagent.agent.cli.Invocation;
import io.gpuagent.agent.cli.ReportSettings;
import io.gpuagent.testing.Opened;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A misbehaving server: the command prints one clear line, exits with status 1 and writes no file. */
@ExtendWith(Opened.Scope.class)
class ReportFailureTest {

    private static final String SERIES = """
            {"status":"success","data":[{"__name__":"gpu_agent_up","job":"gpu","instance":"a:9900"}]}""";
    private static final String NOTHING = """
            {"status":"success","data":{"resultType":"matrix","result":[]}}""";
    private static final String PAGES = """
            {"status":"success","data":{"resultType":"matrix","result":[
            {"metric":{"__name__":"gpu_agent_up","job":"gpu","instance":"a:9900"},"values":[[1790812800,"1"],[1790812815,"1"]]}]}}""";

    private interface Reply {
        void to(HttpExchange exchange) throws IOException;
    }

    @TempDir
    private Path directory;

    private final AtomicInteger requests = new AtomicInteger();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private HttpServer server;
    private volatile Reply queries = exchange -> send(exchange, 200, NOTHING);
    private volatile Reply series = exchange -> send(exchange, 200, SERIES);

    @BeforeEach
    void start(Opened opened) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", exchange -> {
            requests.incrementAndGet();
            (exchange.getRequestURI().getPath().endsWith("/series") ? series : queries).to(exchange);
        });
        server.start();
        opened.add(() -> server.stop(0));
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private int report(String... flags) {
        return new ReportCommand(settings(flags), new PrintStream(out, true), new PrintStream(err, true)).run();
    }

    private ReportSettings settings(String... flags) {
        List<String> arguments = new ArrayList<>(List.of(
                "report",
                "--prometheus.url=http://127.0.0.1:" + server.getAddress().getPort(),
                "--from=2026-10-01",
                "--to=2026-10-02",
                "--format=json",
                "--output=" + directory.resolve("report.json")));
        arguments.addAll(List.of(flags));
        return ((Invocation.RunReport) Invocation.of(arguments, Map.of(), () -> "host")).report();
    }

    private void assertRefused(String reason, String... flags) throws IOException {
        assertEquals(1, report(flags), err::toString);
        String line = err.toString(StandardCharsets.UTF_8);
        assertTrue(line.matches("gpu-agent: [^\n]*" + reason + "[^\n]*\n"), line);
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(
                    List.of(),
                    files.filter(file -> file.toString().contains("report")).toList());
        }
    }

    @Test
    void aClosedPortIsReported() throws IOException {
        int port = server.getAddress().getPort();
        server.stop(0);
        assertRefused("http://127.0.0.1:" + port + ": cannot connect");
    }

    @Test
    void aServerOtherThanPrometheusIsReported() throws IOException {
        series = exchange -> send(exchange, 404, "<html>\n<h1>nothing here</h1>");
        assertRefused("status 404: <html>");
        assertEquals(1, requests.get());
    }

    @Test
    void aWebPageInsteadOfJsonIsReported() throws IOException {
        series = exchange -> send(exchange, 200, "<html>please log in</html>");
        assertRefused("invalid response: .*");
    }

    @Test
    void aWrongPasswordIsReported() throws IOException {
        Path password = Files.writeString(directory.resolve("password"), "secret\n");
        series = exchange -> {
            boolean known =
                    "Basic YWxpY2U6c2VjcmV0".equals(exchange.getRequestHeaders().getFirst("Authorization"));
            send(exchange, known ? 401 : 500, "Unauthorized");
        };
        assertRefused(
                "status 401: Unauthorized", "--prometheus.username=alice", "--prometheus.password-file=" + password);
    }

    @Test
    void aRefusedQueryIsReported() throws IOException {
        queries = exchange ->
                send(exchange, 422, "{\"status\":\"error\",\"errorType\":\"execution\",\"error\":\"no\\nsuch\"}");
        assertRefused("status 422: no\\\\nsuch");
    }

    @ParameterizedTest
    @CsvSource({
        "422, query processing would load too many samples into memory",
        "503, query timed out in expression evaluation"
    })
    void aQueryThatIsTooLargeIsSplit(int status, String error) throws IOException {
        AtomicInteger refused = new AtomicInteger();
        queries = exchange -> {
            String query = exchange.getRequestURI().getQuery();
            boolean pages = query.contains("gpu_agent_up");
            boolean day = query.matches("(?s).*\\[(86400|90300)s\\].*");
            if (day && !pages) {
                refused.incrementAndGet();
                send(exchange, status, "{\"error\":\"" + error + "\"}");
            } else {
                send(exchange, 200, pages ? PAGES : NOTHING);
            }
        };
        assertEquals(0, report(), err::toString);
        assertEquals(1, refused.get());
    }

    @Test
    void aRateLimitIsWaitedFor() throws IOException {
        AtomicInteger attempts = new AtomicInteger();
        queries = exchange -> send(exchange, attempts.getAndIncrement() < 2 ? 429 : 200, "{\"error\":\"rate limit\"}");
        assertRefused("invalid response: .*");
        assertTrue(attempts.get() > 2, attempts::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"warnings\":[\"store 7 is down\"]", "\"isPartial\":true"})
    void aPartialAnswerIsRefused(String says) throws IOException {
        queries = exchange -> send(exchange, 200, NOTHING.replaceFirst("\\{", "{" + says + ","));
        assertRefused("(store 7 is down|the response is partial)");
    }

    @Test
    void aHeaderThatCannotBeSentIsNamed() throws IOException {
        assertRefused("invalid header Host", "--prometheus.headers=Host=a");
    }

    @Test
    void aSilentServerTimesOut() throws IOException {
        queries = exchange -> {};
        assertRefused("timed out after 0 s", "--prometheus.timeout=200ms");
    }

    @Test
    void aStallingBodyTimesOut() throws IOException {
        queries = exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
        };
        assertRefused("timed out after 0 s", "--prometheus.timeout=200ms");
    }

    @Test
    void truncatedJsonIsReported() throws IOException {
        queries = exchange -> send(exchange, 200, PAGES.substring(0, PAGES.length() - 30));
        assertRefused("invalid response: .*end-of-input.*");
    }

    @Test
    void aServerThatDiesMidwayIsReported() throws IOException {
        queries = exchange -> {
            if (requests.get() > 2) {
                exchange.sendResponseHeaders(200, 1000);
                exchange.getResponseBody().write('{');
                exchange.close();
            } else {
                send(exchange, 200, PAGES);
            }
        };
        assertRefused("http://127.0.0.1:\\d+: .*");
    }

    @Test
    void aTemporaryFailureIsRetried() throws IOException {
        AtomicInteger attempts = new AtomicInteger();
        series = exchange -> send(exchange, attempts.getAndIncrement() < 2 ? 503 : 200, SERIES);
        assertEquals(0, report(), err::toString);
        assertEquals(3, attempts.get());
    }

    @Test
    void aServerWithoutAgentsIsReported() throws IOException {
        series = exchange -> send(exchange, 200, "{\"status\":\"success\",\"data\":[]}");
        assertRefused("no gpu_agent_up in the time range");
    }

    @Test
    void aPartialReportNamesWhatIsMissing() throws IOException {
        queries = exchange -> send(exchange, 422, "{\"error\":\"broken block\"}");
        assertEquals(0, report("--allow-partial"), err::toString);
        String json = Files.readString(directory.resolve("report.json"));
        assertTrue(json.contains("MISSING: a:9900 from 2026-10-01T00:00:00Z: "), json);
        assertTrue(json.contains("broken block"), json);
    }

    @Test
    void anUnwritableFileIsNamed() {
        assertEquals(1, report("--output=" + directory.resolve("absent/report.json")));
        assertTrue(
                err.toString(StandardCharsets.UTF_8).contains("absent/report.json cannot be written"), err::toString);
    }

    /**
     * An output such as /dev/null is written to, not replaced: a report that runs as root must not replace a device
     * with a file.
     */
    @Test
    void aPipeStaysAPipe() throws IOException, InterruptedException {
        Path pipe = directory.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        Process reader = new ProcessBuilder("cat", pipe.toString()).start();
        assertEquals(0, report("--output=" + pipe), err::toString);
        assertTrue(new String(reader.getInputStream().readAllBytes(), StandardCharsets.UTF_8).contains("\"lines\""));
        assertFalse(Files.isRegularFile(pipe));
    }

    @Test
    void aLinkStaysALink() throws IOException {
        Path file = Files.writeString(directory.resolve("old.json"), "old");
        Path link = Files.createSymbolicLink(directory.resolve("link.json"), file);
        assertEquals(0, report("--output=" + link), err::toString);
        assertTrue(Files.isSymbolicLink(link));
        assertTrue(Files.readString(file).contains("\"lines\""));
    }

    @Test
    void aFullDiskIsReported() throws IOException {
        try (PrintStream full = new PrintStream("/dev/full")) {
            ReportSettings settings = settings("--output=");
            assertEquals(1, new ReportCommand(settings, full, new PrintStream(err, true)).run());
        }
        assertEquals("gpu-agent: cannot write to standard output\n", err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void headersAndTheTokenAreSent() throws IOException {
        Path token = Files.writeString(directory.resolve("token"), "abc\n");
        series = exchange -> {
            var headers = exchange.getRequestHeaders();
            boolean known = "Bearer abc".equals(headers.getFirst("Authorization"))
                    && "t1".equals(headers.getFirst("X-Scope-OrgID"));
            send(exchange, known ? 200 : 403, SERIES);
        };
        assertEquals(
                0,
                report("--prometheus.bearer-token-file=" + token, "--prometheus.headers=X-Scope-OrgID=t1"),
                err::toString);
        assertFalse(Files.readString(directory.resolve("report.json")).contains("abc"));
    }
}
