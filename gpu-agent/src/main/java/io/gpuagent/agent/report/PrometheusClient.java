package io.gpuagent.agent.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gpuagent.agent.cli.ReportSettings;
import io.gpuagent.agent.cli.TerminalText;
import io.gpuagent.agent.report.ServerException.Remedy;
import io.gpuagent.agent.tls.PemFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLContext;

/**
 * A client of the Prometheus HTTP API. A response is spooled to a file before any of it is used, so that it can be requested again after
 * a failure and is never in memory as a whole. Thread-safe.
 */
final class PrometheusClient {

    private static final int ATTEMPTS = 4;
    private static final Set<Integer> PASSING = Set.of(429, 500, 502, 503, 504);
    private static final Set<StandardOpenOption> SPOOL =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
    private static final int LONGEST_REASON = 300;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ReportSettings.Server settings;
    private final Duration pause;
    private final HttpClient http;
    private final HttpRequest.Builder request;

    /** The warnings of the server about incomplete responses. */
    final Set<String> warnings = ConcurrentHashMap.newKeySet();

    /** @param pause the delay before the second attempt, doubled before each further one */
    PrometheusClient(ReportSettings.Server settings, Duration pause) throws IOException {
        this.settings = settings;
        this.pause = pause;
        HttpClient.Builder builder =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).version(HttpClient.Version.HTTP_1_1);
        ReportSettings.Credentials credentials = settings.credentials();
        if (credentials.caFile() != null || credentials.certFile() != null) {
            builder.sslContext(tls(credentials));
        }
        http = builder.build();
        request = HttpRequest.newBuilder().header("Accept-Encoding", "gzip");
        Map<String, String> headers = new HashMap<>(settings.headers());
        authorization(credentials).ifPresent(value -> headers.put("Authorization", value));
        for (Map.Entry<String, String> header : headers.entrySet()) {
            try {
                request.header(header.getKey(), header.getValue());
            } catch (IllegalArgumentException e) {
                throw new ServerException("invalid header " + header.getKey(), Remedy.NONE);
            }
        }
    }

    private static Optional<String> authorization(ReportSettings.Credentials credentials) throws IOException {
        if (credentials.tokenFile() != null) {
            return Optional.of("Bearer " + secret(credentials.tokenFile()));
        }
        if (credentials.username().isEmpty()) {
            return Optional.empty();
        }
        String password = credentials.passwordFile() == null ? "" : secret(credentials.passwordFile());
        String pair = credentials.username() + ":" + password;
        return Optional.of("Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
    }

    private static String secret(Path file) throws IOException {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new ServerException(file + " cannot be read", Remedy.NONE);
        }
    }

    private static SSLContext tls(ReportSettings.Credentials files) throws IOException {
        try {
            Path certificate = files.certFile();
            Path key = files.keyFile() == null ? certificate : files.keyFile();
            return PemFiles.context(
                    certificate == null || key == null ? null : PemFiles.keys(certificate, key),
                    files.caFile() == null ? null : PemFiles.authorities(files.caFile()));
        } catch (IOException e) {
            throw new ServerException("invalid TLS certificates: " + e.getMessage(), Remedy.NONE);
        }
    }

    /** Evaluates the query at a time. */
    void query(String query, long millis, Consumer<Series> consumer) throws IOException {
        ask("query", Map.of("query", query, "time", seconds(millis)), consumer);
    }

    /** Evaluates the query at the end of each interval of the slice. */
    void query(String query, Slice slice, Consumer<Series> consumer) throws IOException {
        String first = seconds(slice.from() + Slice.INTERVAL);
        ask(
                "query_range",
                Map.of("query", query, "start", first, "end", seconds(slice.to()), "step", seconds(Slice.INTERVAL)),
                consumer);
    }

    /** The series with samples in the slice, without the samples. */
    void series(String match, Slice slice, Consumer<Series> consumer) throws IOException {
        ask("series", Map.of("match[]", match, "start", seconds(slice.from()), "end", seconds(slice.to())), consumer);
    }

    private static String seconds(long millis) {
        return Long.toString(millis / 1000);
    }

    /** Sends a request and passes the series of the response to the consumer one by one. */
    private void ask(String path, Map<String, String> parameters, Consumer<Series> consumer) throws IOException {
        HttpRequest asked = request.copy().uri(uri(path, parameters)).build();
        try {
            for (int attempt = 1; ; attempt++) {
                try {
                    attempt(asked, consumer);
                    return;
                } catch (ServerException e) {
                    if (e.remedy != Remedy.LATER || attempt == ATTEMPTS) {
                        throw e;
                    }
                }
                Thread.sleep(pause.toMillis() << (attempt - 1));
            }
        } catch (InterruptedException e) {
            throw trouble("interrupted", Remedy.NONE);
        }
    }

    private URI uri(String path, Map<String, String> parameters) {
        String query = parameters.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        // The server's timeout is shorter than the client's, so that it reports the timeout and a smaller query can be
        // tried.
        long millis = settings.timeout().toMillis() * 9 / 10;
        return URI.create(settings.url() + "/api/v1/" + path + "?timeout=" + millis + "ms&" + query);
    }

    private void attempt(HttpRequest asked, Consumer<Series> consumer) throws IOException, InterruptedException {
        // Linux deletes the open file immediately, so that it disappears even if this process is killed.
        try (FileChannel file = FileChannel.open(Files.createTempFile("gpu-agent-report", ".json"), SPOOL)) {
            HttpResponse<Void> response = send(asked, file);
            InputStream body = Channels.newInputStream(file.position(0));
            boolean zipped =
                    response.headers().firstValue("Content-Encoding").orElse("").equals("gzip");
            try (InputStream text = zipped ? new GZIPInputStream(body, 1 << 16) : body) {
                if (response.statusCode() != 200) {
                    throw refusal(response.statusCode(), reason(text));
                }
                String partial = Series.read(JSON.createParser(text), consumer);
                if (!partial.isEmpty()) {
                    warnings.add(TerminalText.escape(partial));
                }
            } catch (ServerException e) {
                throw e;
            } catch (IOException | NumberFormatException e) {
                throw trouble("invalid response: " + firstLine(e), Remedy.NONE);
            }
        }
    }

    /** Applies the timeout to the whole body; {@link HttpRequest#timeout()} only covers the headers. */
    private HttpResponse<Void> send(HttpRequest asked, FileChannel file) throws IOException, InterruptedException {
        var sent = http.sendAsync(
                asked,
                HttpResponse.BodyHandlers.ofByteArrayConsumer(part -> part.ifPresent(bytes -> write(file, bytes))));
        try {
            return sent.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            sent.cancel(true);
            throw trouble("timed out after " + settings.timeout().toSeconds() + " s", Remedy.LATER);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            boolean silent = cause instanceof HttpConnectTimeoutException || cause instanceof ConnectException;
            throw trouble(silent ? "cannot connect" : firstLine(cause == null ? e : cause), Remedy.LATER);
        }
    }

    private static void write(FileChannel file, byte[] bytes) {
        try {
            file.write(ByteBuffer.wrap(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ServerException trouble(String reason, Remedy remedy) {
        return new ServerException(settings.url() + ": " + reason, remedy);
    }

    private ServerException refusal(int status, String reason) {
        boolean less = status != 429 && reason.matches(".*(too many samples|timed out|limit).*");
        Remedy remedy = less ? Remedy.LESS : PASSING.contains(status) ? Remedy.LATER : Remedy.NONE;
        return trouble("status " + status + (reason.isEmpty() ? "" : ": " + reason), remedy);
    }

    /** The field {@code error} of the response, else the beginning of the text. */
    private static String reason(InputStream body) throws IOException {
        String text = new String(body.readNBytes(1 << 14), StandardCharsets.UTF_8).strip();
        try {
            text = JSON.readTree(text).path("error").asText(text);
        } catch (JsonProcessingException e) {
            // An error page of a proxy.
            text = text.lines().findFirst().orElse("");
        }
        return TerminalText.escape(text.length() > LONGEST_REASON ? text.substring(0, LONGEST_REASON) + "…" : text);
    }

    private static String firstLine(Throwable e) {
        String message = Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
        return TerminalText.escape(message.lines().findFirst().orElse(""));
    }
}
