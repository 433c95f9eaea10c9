package io.gpuagent.agent.http;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.IllegalBCryptFormatException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a web config file says, in the format of Prometheus' exporters
 * (https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md).
 *
 * @param tlsServerConfig null to serve without TLS
 * @param basicAuthUsers bcrypt hashes of passwords by the users' names; none to let everybody in
 */
record WebConfig(
        @Nullable TlsSection tlsServerConfig,
        @Nullable HttpSection httpServerConfig,
        @Nullable Map<String, String> basicAuthUsers) {

    private static final ObjectMapper YAML = YAMLMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    /** Those that Prometheus' exporters allow. */
    private static final Set<String> HEADERS = Set.of(
            "Strict-Transport-Security",
            "Content-Security-Policy",
            "X-Frame-Options",
            "X-Content-Type-Options",
            "X-XSS-Protection");

    /** Files are relative to the directory of the web config file. */
    record TlsSection(
            @Nullable String certFile,
            @Nullable String keyFile,
            @Nullable String clientAuthType,
            @Nullable String clientCaFile,
            @Nullable String minVersion,
            @Nullable String maxVersion,
            @Nullable List<String> cipherSuites,
            @Nullable Boolean preferServerCipherSuites) {}

    /** @param http2 of no effect: HTTP/2 is not spoken */
    record HttpSection(@Nullable Boolean http2, @Nullable Map<String, String> headers) {}

    /**
     * Reads and checks a file, but for the certificates that it names.
     *
     * @throws IOException if it cannot be read or used; the message says why
     */
    static WebConfig read(Path file) throws IOException {
        try {
            String text = Files.readString(file, StandardCharsets.UTF_8);
            WebConfig config = text.isBlank() ? null : YAML.readValue(text, WebConfig.class);
            return config == null ? new WebConfig(null, null, null) : config.checked();
        } catch (UnrecognizedPropertyException e) {
            throw new IOException("field " + e.getPropertyName() + " is not known, or not supported", e);
        } catch (JsonMappingException e) {
            throw new IOException(e.getOriginalMessage() + where(e), e);
        } catch (JsonProcessingException e) {
            throw new IOException("is not YAML: " + e.getOriginalMessage(), e);
        } catch (NoSuchFileException e) {
            throw new IOException("no such file", e);
        }
    }

    private static String where(JsonMappingException e) {
        return e.getLocation() == null ? "" : ", in line " + e.getLocation().getLineNr();
    }

    Map<String, String> users() {
        return basicAuthUsers == null ? Map.of() : basicAuthUsers;
    }

    Map<String, String> headers() {
        return httpServerConfig == null || httpServerConfig.headers() == null ? Map.of() : httpServerConfig.headers();
    }

    /** The files that a change of which is to be noticed. */
    Stream<String> files() {
        return tlsServerConfig == null
                ? Stream.empty()
                : Stream.of(tlsServerConfig.certFile(), tlsServerConfig.keyFile(), tlsServerConfig.clientCaFile())
                        .filter(name -> name != null);
    }

    private WebConfig checked() throws IOException {
        for (Map.Entry<String, String> user : users().entrySet()) {
            if (!isHash(user.getValue())) {
                throw new IOException("the password of user " + user.getKey() + " is not a bcrypt hash");
            }
        }
        for (String header : headers().keySet()) {
            if (!HEADERS.contains(header)) {
                throw new IOException("HTTP header " + header + " can not be configured");
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
