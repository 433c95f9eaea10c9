package io.gpuagent.agent.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.Certificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebConfigTest {

    private static final String HASH = "$2y$04$aOXxb/XFsdaBiB1E0jnmzuBxCTsUgxO8oA0xMIw6G0ZoZk2wOHN3u";

    @TempDir
    private Path directory;

    @BeforeEach
    void makeCertificates() {
        new Certificates(directory).authority("ca").signed("ca", "server").signed("ca", "other");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            basic_auth_users: {ada: secret}                                   | the password of user ada is not a bcrypt hash
            basic_auth: {ada: x}                                              | field basic_auth is unknown or unsupported
            tls_server_config: {cert_file: server.pem}                        | tls_server_config has no key_file
            tls_server_config: {key_file: server.key}                         | tls_server_config has no cert_file
            tls_server_config: {cert_file: none.pem, key_file: server.key}    | cert_file DIR/none.pem cannot be read
            tls_server_config: {cert_file: server.pem, key_file: server.key, curve_preferences: [X25519]} | field curve_preferences is unknown or unsupported
            tls_server_config: {cert_file: server.pem, key_file: server.key, client_auth_type: Perhaps}   | Invalid ClientAuth: Perhaps
            tls_server_config: {cert_file: server.pem, key_file: server.key, client_ca_file: ca.pem}      | Client CA's have been configured without a Client Auth Policy
            tls_server_config: {cert_file: server.pem, key_file: server.key, min_version: TLS10}          | min_version TLS10 is not one of [TLS12, TLS13]
            tls_server_config: {cert_file: server.pem, key_file: server.key, min_version: TLS13, max_version: TLS12} | min_version is above max_version
            tls_server_config: {cert_file: server.pem, key_file: server.key, cipher_suites: [TLS_NONE]}   | unknown cipher: TLS_NONE
            tls_server_config: {cert_file: server.pem, key_file: ca.pem}      | cert_file DIR/server.pem and key_file DIR/ca.pem cannot be used: did not find a private key
            tls_server_config: {cert_file: server.pem, key_file: server.key, client_auth_type: RequireAndVerifyClientCert, client_ca_file: server.key} | client_ca_file DIR/server.key cannot be used: no certificate
            http_server_config: {headers: {X-Secret: a}}                      | HTTP header X-Secret cannot be configured
            http_server_config: {headers: {X-Frame-Options: }}                | HTTP header X-Frame-Options cannot be set to null
            http_server_config: {headers: {X-Frame-Options: allow}}           | HTTP header X-Frame-Options cannot be set to allow
            http_server_config: {headers: {X-Content-Type-Options: sniff}}    | HTTP header X-Content-Type-Options cannot be set to sniff
            http_server_config: {headers: {X-XSS-Protection: \u00fc}}             | HTTP header X-XSS-Protection cannot be set to \u00fc
            basic_auth_users: {ada: HASH, ada: HASH}                          | Duplicate field 'ada', line 1
            """)
    void anUnusableSettingIsNamed(String text, String reason) throws IOException {
        assertEquals(directory.resolve("web.yml") + ": " + reason.replace("DIR", directory.toString()), refusal(text));
    }

    @Test
    void theKeyOfAnotherCertificateIsRefused() throws IOException {
        String text = refusal("tls_server_config: {cert_file: server.pem, key_file: other.key}");
        assertTrue(text.contains("Private key does not match"), text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"AAAA", "A", "AA=A"})
    void anAuthorityThatIsNotACertificateIsNamed(String noise) throws IOException {
        Path broken = directory.resolve("broken.pem");
        Files.writeString(broken, "-----BEGIN CERTIFICATE-----\n" + noise + "\n-----END CERTIFICATE-----\n");
        String text = refusal("tls_server_config: {cert_file: server.pem, key_file: server.key,"
                + " client_auth_type: RequireAndVerifyClientCert, client_ca_file: broken.pem}");
        assertTrue(text.contains("client_ca_file " + broken + " cannot be used: "), text);
    }

    @Test
    void invalidYamlIsReported() throws IOException {
        assertTrue(refusal("a: b: c").contains("is not valid YAML"), refusal("a: b: c"));
        assertTrue(refusal("[1, 2]").contains("line 1"), refusal("[1, 2]"));
    }

    @Test
    void aMissingFileIsReported() {
        Path none = directory.resolve("none.yml");
        IOException refusal = assertThrows(IOException.class, () -> WebConfigFile.open(none));
        assertEquals(none + ": cannot be read: java.nio.file.NoSuchFileException: " + none, refusal.getMessage());
    }

    @Test
    void anUnreadableFileIsReported() throws IOException {
        Path odd = Files.createDirectory(directory.resolve("odd.yml"));
        IOException refusal = assertThrows(IOException.class, () -> WebConfigFile.open(odd));
        assertEquals(odd + ": cannot be read: java.io.IOException: Is a directory", refusal.getMessage());
        Path binary = Files.write(directory.resolve("binary.yml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThrows(IOException.class, () -> WebConfigFile.open(binary));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "# nothing yet\n", "tls_server_config:\nbasic_auth_users:\n"})
    void anEmptyFileSecuresNothing(String text) throws IOException {
        try (WebConfigFile file = WebConfigFile.open(write(text))) {
            assertEquals(Map.of(), file.config().users());
            assertTrue(file.tls().isEmpty());
        }
    }

    @Test
    void prometheusOwnExampleIsAccepted() throws IOException {
        String text = """
                tls_server_config:
                  cert_file: server.pem
                  key_file: server.key
                  client_auth_type: RequireAndVerifyClientCert
                  client_ca_file: ca.pem
                  min_version: TLS12
                  max_version: TLS13
                  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]
                  prefer_server_cipher_suites: true
                http_server_config:
                  http2: true
                  headers:
                    X-Frame-Options: deny
                basic_auth_users:
                  ada: %s
                """.formatted(HASH);
        try (WebConfigFile file = WebConfigFile.open(write(text))) {
            assertEquals(Map.of("ada", HASH), file.config().users());
            assertEquals(Map.of("X-Frame-Options", "deny"), file.config().headers());
            assertTrue(file.tls().isPresent());
        }
    }

    private String refusal(String text) throws IOException {
        Path file = write(text);
        return String.valueOf(
                assertThrows(IOException.class, () -> WebConfigFile.open(file)).getMessage());
    }

    private Path write(String text) throws IOException {
        return Files.writeString(directory.resolve("web.yml"), text);
    }
}
