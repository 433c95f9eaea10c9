package io.gpuagent.agent.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.gpuagent.testing.Opened;
import io.gpuagent.testing.PrometheusServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real Prometheus behind a proxy that refuses or alters some queries. */
@ExtendWith(Opened.Scope.class)
class ReportPartialDataIT {

    private static final String TOO_MUCH = "{\"error\":\"query processing would load too many samples into memory\"}";

    @TempDir
    private static Path directory;

    private volatile Predicate<String> refused = query -> false;
    private volatile String reason = TOO_MUCH;
    private volatile Function<String, String> altered = body -> body;
    private PrometheusServer server;
    private HttpServer proxy;

    @BeforeEach
    void start(Opened opened) throws IOException {
        server = opened.shared(
                PrometheusServer.class,
                () -> PrometheusServer.over(ReportIT.FLEET.write(directory.resolve("fleet.txt")), directory));
        proxy = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        proxy.setExecutor(Executors.newCachedThreadPool());
        proxy.createContext("/", this::forward);
        proxy.start();
        opened.add(() -> proxy.stop(0));
    }

    private void forward(HttpExchange exchange) throws IOException {
        int status = 422;
        String body = reason;
        if (!refused.test(exchange.getRequestURI().getQuery())) {
            try {
                HttpResponse<String> response = HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create(server.url() + exchange.getRequestURI()))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
                status = response.statusCode();
                body = altered.apply(response.body());
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private Report report(String... flags) throws IOException {
        return ReportIT.FLEET.report("http://127.0.0.1:" + proxy.getAddress().getPort(), flags);
    }

    private static Map<Object, Double> gibHours(Report report) {
        return report.lines().stream()
                .collect(Collectors.toMap(
                        Report.Line::group, line -> line.figures().gibHours().doubleValue()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpu_agent_up", "memory_byte_seconds", "memory_peak"})
    void aReportReadInPartsIsTheSame(String part) throws IOException {
        Report whole = report();
        Set<String> known = ConcurrentHashMap.newKeySet();
        // Refuse each query for a whole day once, after the data that precedes it has been read.
        refused = query -> query.contains(part) && query.matches("(?s).*\\[(8[67]|90)\\d00s.*") && known.add(query);
        Report parts = report();
        assertTrue(known.size() > 5, known::toString);
        assertEquals(whole.lines(), parts.lines());
        assertEquals(whole.coverage(), parts.coverage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpu_agent_up", "memory_byte_seconds", "memory_peak"})
    void missingDataCountsInNoFigure(String part) throws IOException {
        Instant second = Instant.ofEpochSecond(ReportIT.FLEET.from + 86_400);
        Instant third = second.plusSeconds(86_400);
        Map<Object, Double> expected = gibHours(report("--to=" + second));
        gibHours(report("--from=" + third)).forEach((group, hours) -> expected.merge(group, hours, Double::sum));
        reason = "no";
        refused = query -> {
            long time = Long.parseLong(query.replaceAll("(?s).*(time|end)=(\\d+).*", "$2"));
            return query.contains(part)
                    && !query.contains("match")
                    && time > second.getEpochSecond()
                    && time <= third.getEpochSecond();
        };
        Map<Object, Double> partial = gibHours(report("--allow-partial"));
        assertEquals(expected.keySet(), partial.keySet());
        // The report cannot know the memory held between the last sample and the end of the first day without the
        // second day.
        expected.forEach((group, hours) -> assertEquals(hours, partial.get(group), 0.75, group::toString));
    }

    @Test
    void aPartialAnswerIsReported() throws IOException {
        altered = body -> body.replaceFirst("\"status\":\"success\"", "$0,\"warnings\":[\"store 7 is down\"]");
        Report report = report("--allow-partial");
        assertTrue(report.notes().get(0).matches("MISSING: .*store 7 is down"), report.notes()::toString);
        altered = body -> body;
        assertEquals(report().lines(), report.lines());
    }
}
