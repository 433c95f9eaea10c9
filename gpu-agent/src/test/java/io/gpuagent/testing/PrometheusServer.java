package io.gpuagent.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A real Prometheus that scrapes one target. */
public final class PrometheusServer implements AutoCloseable {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final Path log;
    private final int port;

    private PrometheusServer(Process process, Path log, int port) {
        this.process = process;
        this.log = log;
        this.port = port;
    }

    /** Starts a server with its data in the directory. It scrapes this port of the machine every second. */
    public static PrometheusServer scraping(int target, Path directory) {
        return scraping(target, directory, Duration.ofSeconds(1));
    }

    /** Starts a server with its data in the directory. It scrapes this port of the machine at the given interval. */
    public static PrometheusServer scraping(int target, Path directory, Duration interval) {
        try {
            Path config =
                    Files.writeString(directory.resolve("prometheus.yml"), """
                    global:
                      scrape_interval: %dms
                      scrape_timeout: 1s
                    scrape_configs:
                      - job_name: gpu
                        honor_labels: true
                        static_configs:
                          - targets: ["127.0.0.1:%d"]
                    """.formatted(interval.toMillis(), target));
            return on(config, directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a server with a configuration that has one target, and waits until it has scraped the target. */
    public static PrometheusServer on(Path config, Path directory) {
        PrometheusServer server = start(config, directory, List.of());
        Eventually.within(Duration.ofSeconds(30), "Prometheus scrapes the agent", server::isUp);
        return server;
    }

    private static PrometheusServer start(Path config, Path directory, List<String> flags) {
        Requirement.require(Requirement.PROMETHEUS);
        int port = AgentProcess.freePort();
        try {
            Path log = directory.resolve("prometheus.log");
            List<String> command = new ArrayList<>(List.of(
                    "prometheus",
                    "--config.file=" + config,
                    "--storage.tsdb.path=" + directory.resolve("tsdb"),
                    "--web.listen-address=127.0.0.1:" + port));
            command.addAll(flags);
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            return new PrometheusServer(process, log, port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts a server that scrapes nothing, on blocks created from OpenMetrics text in which every sample has a
     * timestamp.
     */
    public static PrometheusServer over(Path openMetrics, Path directory, String... flags) {
        Path blocks = directory.resolve("tsdb");
        String made = promtool(
                "",
                "tsdb",
                "create-blocks-from",
                "openmetrics",
                "--quiet",
                "--max-block-duration=48h",
                openMetrics.toString(),
                blocks.toString());
        if (made.startsWith("exit ")) {
            throw new AssertionError(made);
        }
        return over(directory, flags);
    }

    /** Starts a server on blocks created from OpenMetrics text, with a web config file. */
    public static PrometheusServer withWebConfig(Path openMetrics, Path webConfig, Path directory) {
        over(openMetrics, directory).close();
        PrometheusServer server = start(
                directory.resolve("prometheus.yml"),
                directory,
                List.of("--storage.tsdb.retention.time=100y", "--web.config.file=" + webConfig));
        Eventually.within(
                Duration.ofSeconds(60),
                "Prometheus has read the blocks",
                () -> server.log().contains("Server is ready"));
        return server;
    }

    /** Starts a server on the blocks that are already in the directory. */
    public static PrometheusServer over(Path directory, String... flags) {
        try {
            Path config = Files.writeString(directory.resolve("prometheus.yml"), "global: {}\n");
            List<String> all = new ArrayList<>(List.of(flags));
            all.add("--storage.tsdb.retention.time=100y");
            PrometheusServer server = start(config, directory, all);
            Eventually.within(Duration.ofSeconds(60), "Prometheus has read the blocks", server::isReady);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isReady() {
        try {
            return HTTP.send(
                                    HttpRequest.newBuilder(URI.create(url() + "/-/ready"))
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Adds blocks with the results of the recording rules. Only servers that are started afterwards read them. */
    public void record(Path rules, long from, long to, Path directory) {
        String made = promtool(
                "",
                "tsdb",
                "create-blocks-from",
                "rules",
                "--url=" + url(),
                "--start=" + from,
                "--end=" + to,
                "--output-dir=" + directory.resolve("tsdb"),
                rules.toString());
        if (made.startsWith("exit ")) {
            throw new AssertionError(made);
        }
    }

    public String url() {
        return "http://127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    /** The output of {@code promtool check metrics} for a page; empty if it finds no problem. */
    public static String complaints(String page) {
        return promtool(page, "check", "metrics");
    }

    /**
     * The output of {@code promtool test rules} for a file; it ends with SUCCESS if every expectation of the file
     * holds.
     */
    public static String testRules(Path file) {
        return promtool("", "test", "rules", file.toString());
    }

    private static String promtool(String input, String... arguments) {
        Requirement.require(Requirement.PROMTOOL);
        try {
            List<String> command = new ArrayList<>(List.of("promtool"));
            command.addAll(List.of(arguments));
            Process promtool =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            promtool.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
            promtool.getOutputStream().close();
            String output = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = promtool.waitFor();
            return status == 0 ? output.strip() : "exit " + status + ": " + output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private boolean isUp() {
        if (!process.isAlive()) {
            throw new AssertionError("Prometheus exited: " + log());
        }
        try {
            List<Sample> up = query("up");
            return !up.isEmpty() && up.get(0).value() == 1;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    /** One element of an instant vector. */
    public record Sample(JsonNode labels, double value) {

        public String label(String name) {
            return labels.path(name).asText();
        }
    }

    /** The result of an expression, evaluated now. */
    public List<Sample> query(String expression) {
        return request("query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
    }

    /**
     * The scrape time of the newest sample of a series at a time. The sample must exist; times are Unix times in
     * seconds.
     */
    public double scraped(String series, double time) {
        return query("timestamp(" + series + ")", time).get(0).value();
    }

    /** The result of an expression at a Unix time in seconds; evaluated now if the time is NaN. */
    public List<Sample> query(String expression, double time) {
        return Double.isNaN(time)
                ? query(expression)
                : request("time=" + BigDecimal.valueOf(time).toPlainString() + "&query="
                        + URLEncoder.encode(expression, StandardCharsets.UTF_8));
    }

    private List<Sample> request(String query) {
        try {
            URI uri = URI.create("http://127.0.0.1:" + port + "/api/v1/query?" + query);
            String body = HTTP.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            JsonNode answer = JSON.readTree(body);
            if (!answer.path("status").asText().equals("success")) {
                throw new AssertionError(query + ": " + body);
            }
            return answer.path("data")
                    .path("result")
                    .valueStream()
                    .map(element -> new Sample(
                            element.path("metric"), element.path("value").get(1).asDouble()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
