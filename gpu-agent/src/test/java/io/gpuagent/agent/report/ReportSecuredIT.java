package io.gpuagent.agent.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.gpuagent.testing.AgentProcess;
import io.gpuagent.testing.Certificates;
import io.gpuagent.testing.Opened;
import io.gpuagent.testing.PrometheusServer;
import io.gpuagent.testing.Requirement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The packaged command with a real Prometheus that requires a client certificate and a password. */
@ExtendWith(Opened.Scope.class)
class ReportSecuredIT {

    private static final ScriptedFleet FLEET =
            new ScriptedFleet(Instant.parse("2026-10-01T00:00:00Z").getEpochSecond(), 1);

    @TempDir
    private static Path directory;

    private Certificates certificates;
    private PrometheusServer server;

    @BeforeEach
    void start(Opened opened) throws IOException {
        Requirement.require(Requirement.OPENSSL, Requirement.PROMETHEUS, Requirement.PROMTOOL);
        certificates = opened.shared(Certificates.class, () -> Certificates.ofTwoAuthorities(directory));
        server = opened.shared(PrometheusServer.class, ReportSecuredIT::guarded);
    }

    private static PrometheusServer guarded() throws IOException {
        Path config = Files.writeString(directory.resolve("web.yml"), """
                tls_server_config:
                  cert_file: server.pem
                  key_file: server.key
                  client_auth_type: RequireAndVerifyClientCert
                  client_ca_file: ca.pem
                basic_auth_users:
                  ada: %s
                """.formatted(
                        BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(6, "enigma".toCharArray())));
        Files.writeString(directory.resolve("password"), "enigma\n");
        Files.writeString(directory.resolve("wrong"), "guess\n");
        return PrometheusServer.withWebConfig(FLEET.write(directory.resolve("fleet.txt")), config, directory);
    }

    @Test
    void theRightCertificateAndPasswordAreAccepted() {
        AgentProcess.Result result = report("ca", "client", "password");
        assertEquals(0, result.status(), result.err());
        assertTrue(result.out().contains("\nml,"), result.out());
    }

    @Test
    void aWrongPasswordIsReportedInOneLine() {
        AgentProcess.Result result = report("ca", "client", "wrong");
        assertEquals(1, result.status());
        assertTrue(result.err().contains("401"), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
    }

    @Test
    void aServerOfAnotherAuthorityIsNotTrusted() {
        AgentProcess.Result result = report("stranger", "client", "password");
        assertEquals(1, result.status());
        assertEquals(1, result.err().lines().count(), result.err());
    }

    @Test
    void aForeignCertificateIsRefused() {
        AgentProcess.Result result = report("ca", "foreign", "password");
        assertEquals(1, result.status());
        assertEquals(1, result.err().lines().count(), result.err());
    }

    private AgentProcess.Result report(String authority, String certificate, String password) {
        List<String> arguments = new ArrayList<>(List.of("report", "--by=namespace", "--format=csv"));
        Stream.of(
                        "prometheus.url=https://127.0.0.1:" + server.port(),
                        "from=" + Instant.ofEpochSecond(FLEET.from),
                        "to=" + Instant.ofEpochSecond(FLEET.to),
                        "prometheus.ca-file=" + certificates.file(authority + ".pem"),
                        "prometheus.cert-file=" + certificates.file(certificate + ".pem"),
                        "prometheus.key-file=" + certificates.file(certificate + ".key"),
                        "prometheus.username=ada",
                        "prometheus.password-file=" + certificates.file(password))
                .forEach(flag -> arguments.add("--" + flag));
        return AgentProcess.run(Map.of(), arguments.toArray(String[]::new));
    }
}
