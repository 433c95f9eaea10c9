package io.gpuagent.agent.http;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.IllegalBCryptFormatException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A web config file, in the format of Prometheus exporters
 * (https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md).
 *
 * @param tlsServerConfig null to serve without TLS
 * @param basicAuthUsers bcrypt hashes of passwords, by user name; null or empty to serve without authentication
 */
record WebConfig(
        @Nullable TlsSection tlsServerConfig,
        @Nullable HttpSection httpServerConfig,
        @Nullable Map<String, String> basicAuthUsers) {

    private static final ObjectMapper YAML = YAMLMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private static final String VISIBLE = "[ -~]*";

    /** The headers that Prometheus exporters allow, with patterns of their values. */
    private static final Map<String, String> HEADERS = Map.of(
            "Strict-Transport-Security", VISIBLE,
            "Content-Security-Policy", VISIBLE,
            "X-Frame-Options", "deny|sameorigin",
            "X-Content-Type-Options", "nosniff",
            "X-XSS-Protection", VISIBLE);

    /** @param http2 has no effect: HTTP/2 is unsupported */
    record HttpSection(@Nullable Boolean http2, @Nullable Map<String, String> headers) {}

    /**
     * Reads a file.
     *
     * @throws IOException if it cannot be read; the message says why
     */
    static WebConfig read(Path file) throws IOException {
        try (MappingIterator<WebConfig> documents =
                YAML.readerFor(WebConfig.class).readValues(Files.readAllBytes(file))) {
            WebConfig config = documents.hasNextValue() ? documents.nextValue() : null;
            return config == null ? new WebConfig(null, null, null) : config;
        } catch (UnrecognizedPropertyException e) {
            throw new IOException("field " + e.getPropertyName() + " is unknown or unsupported", e);
        } catch (JsonMappingException e) {
            throw new IOException(e.getOriginalMessage() + where(e), e);
        } catch (JsonProcessingException e) {
            throw new IOException("is not valid YAML: " + e.getOriginalMessage() + where(e), e);
        } catch (IOException e) {
            throw new IOException("cannot be read: " + e, e);
        }
    }

    private static String where(JsonProcessingException e) {
        return e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr();
    }

    Map<String, String> users() {
        return basicAuthUsers == null ? Map.of() : basicAuthUsers;
    }

    Map<String, String> headers() {
        return httpServerConfig == null || httpServerConfig.headers() == null ? Map.of() : httpServerConfig.headers();
    }

    /** @throws IOException if a user or a header is invalid */
    WebConfig checked() throws IOException {
        for (Map.Entry<String, String> user : users().entrySet()) {
            if (!isHash(user.getValue())) {
                throw new IOException("the password of user " + user.getKey() + " is not a bcrypt hash");
            }
        }
        for (Map.Entry<String, String> header : headers().entrySet()) {
            String allowed = HEADERS.get(header.getKey());
            if (allowed == null) {
                throw new IOException("HTTP header " + header.getKey() + " cannot be configured");
            }
            if (header.getValue() == null || !header.getValue().matches(allowed)) {
                throw new IOException("HTTP header " + header.getKey() + " cannot be set to " + header.getValue());
            }
        }
        return this;
    }

    private static boolean isHash(@Nullable String text) {
        try {
            BCrypt.Version.VERSION_2Y.parser.parse(String.valueOf(text).getBytes(StandardCharsets.UTF_8));
            return true;
        } catch (IllegalBCryptFormatException e) {
            return false;
        }
    }
}
