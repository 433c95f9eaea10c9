package io.gpuagent.agent.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.airlift.security.pem.PemReader;
import io.gpuagent.agent.cli.ReportSettings;
import io.gpuagent.agent.cli.TerminalText;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Prometheus' API over HTTP. An answer is spooled to a file before any of it is used: so it can be asked for again, and is never in memory as a
 * whole. Safe for several threads.
 */
final class PrometheusClient {

    private static final int ATTEMPTS = 4;
    private static final Set<Integer> PASSING = Set.of(429, 500, 502, 503, 504);
    private static final int LONGEST_REASON = 300;
    private static final JsonFactory JSON = new JsonFactory();

    private final ReportSettings.Server settings;
    private final Duration pause;
    private final HttpClient http;
    private final String authorization;
    private final AtomicLong queries = new AtomicLong();

    /** @param pause before the second attempt; twice as long before each further one */
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
        authorization = authorization(credentials);
    }

    private static String authorization(ReportSettings.Credentials credentials) throws IOException {
        if (credentials.tokenFile() != null) {
            return "Bearer " + secret(credentials.tokenFile());
        }
        if (credentials.username().isEmpty()) {
            return "";
        }
        String password = credentials.passwordFile() == null ? "" : secret(credentials.passwordFile());
        String pair = credentials.username() + ":" + password;
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    private static String secret(Path file) throws IOException {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new ServerException(file + " cannot be read", false);
        }
    }

    private static SSLContext tls(ReportSettings.Credentials files) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            if (files.certFile() != null) {
                Path key = files.keyFile() == null ? files.certFile() : files.keyFile();
                keys.init(
                        PemReader.loadKeyStore(files.certFile().toFile(), key.toFile(), Optional.empty()), new char[0]);
            }
            trust.init(
                    files.caFile() == null
                            ? (KeyStore) null
                            : PemReader.loadTrustStore(files.caFile().toFile()));
            context.init(files.certFile() == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            throw new ServerException("the certificates for the server cannot be used: " + e.getMessage(), false);
        }
    }

    long queries() {
        return queries.get();
    }

    /** Asks, and hands over the answer's series one by one. */
    void ask(String path, Map<String, String> parameters, Consumer<Series> consumer) throws IOException {
        Path answer = Files.createTempFile("gpu-agent-report", ".json.gz");
        try {
            boolean zipped = fetch(uri(path, parameters), answer);
            try (InputStream file = Files.newInputStream(answer);
                    InputStream text = zipped ? new GZIPInputStream(file, 1 << 16) : file;
                    JsonParser json = JSON.createParser(text)) {
                Series.read(json, consumer);
            } catch (IOException e) {
                throw new ServerException(settings.url() + ": the answer cannot be read: " + firstLine(e), false);
            }
        } finally {
            Files.delete(answer);
        }
    }

    private URI uri(String path, Map<String, String> parameters) {
        String query = parameters.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return URI.create(settings.url() + "/api/v1/" + path + "?" + query);
    }

    /** Whether the answer in the file is compressed. */
    private boolean fetch(URI uri, Path file) throws IOException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri).timeout(settings.timeout()).header("Accept-Encoding", "gzip");
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        settings.headers().forEach(request::header);
        for (int attempt = 1; ; attempt++) {
            queries.incrementAndGet();
            try {
                HttpResponse<Path> response = send(request.build(), file);
                if (response.statusCode() == 200) {
                    return response.headers()
                            .firstValue("Content-Encoding")
                            .orElse("")
                            .equals("gzip");
                }
                String reason = reason(response);
                String trouble = "status " + response.statusCode() + (reason.isEmpty() ? "" : ": " + reason);
                if (!PASSING.contains(response.statusCode()) || attempt == ATTEMPTS) {
                    throw new ServerException(
                            settings.url() + ": " + trouble, reason.matches(".*(too many samples|timed out|limit).*"));
                }
            } catch (ServerException e) {
                throw e;
            } catch (IOException e) {
                if (attempt == ATTEMPTS) {
                    throw new ServerException(settings.url() + ": " + firstLine(e), false);
                }
            }
            sleep(pause.toMillis() << (attempt - 1));
        }
    }

    /** The whole body within the time, not only its head as {@link HttpRequest#timeout()} has it. */
    private HttpResponse<Path> send(HttpRequest request, Path file) throws IOException {
        var sent = http.sendAsync(request, HttpResponse.BodyHandlers.ofFile(file));
        try {
            return sent.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            sent.cancel(true);
            throw new IOException("no answer within " + settings.timeout().toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw new IOException(cause(Objects.requireNonNullElse(e.getCause(), e)), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerException("interrupted", false);
        }
    }

    private String cause(Throwable cause) {
        if (cause instanceof HttpConnectTimeoutException || cause instanceof ConnectException) {
            return "no connection";
        }
        if (cause instanceof HttpTimeoutException) {
            return "no answer within " + settings.timeout().toSeconds() + " s";
        }
        return String.valueOf(cause.getMessage());
    }

    /** What the API says in {@code error}, else the beginning of the text. */
    private static String reason(HttpResponse<Path> response) throws IOException {
        boolean zipped =
                response.headers().firstValue("Content-Encoding").orElse("").equals("gzip");
        String text;
        try (InputStream file = Files.newInputStream(response.body());
                InputStream body = zipped ? new GZIPInputStream(file) : file) {
            text = new String(body.readNBytes(1 << 14), StandardCharsets.UTF_8).strip();
        }
        try {
            text = new ObjectMapper().readTree(text).path("error").asText(text);
        } catch (JsonProcessingException e) {
            // A proxy's page, not the API's.
            text = text.lines().findFirst().orElse("");
        }
        return TerminalText.escape(text.length() > LONGEST_REASON ? text.substring(0, LONGEST_REASON) + "…" : text);
    }

    private static String firstLine(IOException e) {
        return TerminalText.escape(
                String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    }

    private static void sleep(long millis) throws ServerException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerException("interrupted", false);
        }
    }
}
