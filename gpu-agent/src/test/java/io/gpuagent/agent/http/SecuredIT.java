package io.gpuagent.agent.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.gpuagent.testing.AgentProcess;
import io.gpuagent.testing.Certificates;
import io.gpuagent.testing.Command;
import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.PrometheusServer;
import io.gpuagent.testing.Requirement;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The packaged agent with a web config file, accessed by curl and Prometheus. */
class SecuredIT {

    private static final String USERS = "basic_auth_users:\n  ada: '"
            + BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(6, "enigma".toCharArray()) + "'\n";

    @TempDir
    Path directory;

    private Certificates certificates;

    @BeforeEach
    void makeCertificates() {
        Requirement.require(Requirement.CURL, Requirement.OPENSSL);
        certificates = Certificates.ofTwoAuthorities(directory);
    }

    /**
     * Each row has the client authentication type, further settings, curl's options, and the expected HTTP status,
     * where 000 means no response.
     */
    @ParameterizedTest
    @CsvSource({
        "NoClientCert, '', '', 200",
        "NoClientCert, '', --tls-max 1.1, 000",
        "NoClientCert, '', --tlsv1.3, 200",
        "NoClientCert, 'min_version: TLS13', --tls-max 1.2, 000",
        "NoClientCert, 'max_version: TLS12', --tlsv1.3, 000",
        "NoClientCert, 'cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]', --tls-max 1.2 --ciphers ECDHE-ECDSA-AES128-GCM-SHA256, 000",
        "NoClientCert, 'cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]', --tls-max 1.2 --ciphers ECDHE-ECDSA-AES256-GCM-SHA384, 200",
        "NoClientCert, '', --tls-max 1.2 --ciphers ECDHE-ECDSA-AES128-SHA256, 000",
        "NoClientCert, '', --tls-max 1.2 --ciphers ECDHE-ECDSA-CHACHA20-POLY1305, 200",
        "NoClientCert, 'cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256]', --tls-max 1.2 --ciphers ECDHE-ECDSA-AES128-SHA256, 200",
        "RequestClientCert, '', '', 200",
        "RequestClientCert, '', --cert foreign.pem --key foreign.key, 200",
        "RequireAnyClientCert, '', '', 000",
        "RequireAnyClientCert, '', --cert foreign.pem --key foreign.key, 200",
        "RequireClientCert, '', '', 000",
        "RequireClientCert, '', --cert foreign.pem --key foreign.key, 200",
        "VerifyClientCertIfGiven, 'client_ca_file: ca.pem', '', 200",
        "VerifyClientCertIfGiven, 'client_ca_file: ca.pem', --cert foreign.pem --key foreign.key, 000",
        "RequireAndVerifyClientCert, 'client_ca_file: ca.pem', '', 000",
        "RequireAndVerifyClientCert, 'client_ca_file: ca.pem', --cert foreign.pem --key foreign.key, 000",
        "RequireAndVerifyClientCert, 'client_ca_file: ca.pem', --cert client.pem --key client.key, 200",
    })
    void tlsSettingsAreEnforced(String auth, String more, String options, String status) throws IOException {
        try (AgentProcess agent = secured(tls("client_auth_type: " + auth, more))) {
            assertEquals(status, curl(agent, "https", options.isEmpty() ? new String[0] : options.split(" ")));
        }
    }

    @Test
    void onlyAuthenticatedUsersAreAnswered() throws IOException {
        try (AgentProcess agent = secured(tls() + USERS)) {
            assertEquals("401", curl(agent, "https"));
            assertEquals("200", curl(agent, "https", "--user", "ada:enigma"));
            assertEquals("200", curl(agent, "https", "--user", "ada:enigma"));
            assertEquals("401", curl(agent, "https", "--user", "ada:wrong"));
            assertEquals("401", curl(agent, "https", "--user", "eve:enigma"));
            assertEquals("400", curl(agent, "https", "--header", "Authorization: Basic bm9jb2xvbg=="));
            assertEquals("400", curl(agent, "https", "--header", "Authorization: Basic ****"));
            assertEquals("000", curl(agent, "http", "--user", "ada:enigma"));
        }
    }

    @Test
    void basicAuthenticationIsRequiredWithoutTlsToo() throws IOException {
        try (AgentProcess agent = secured(USERS + "http_server_config:\n  headers: {X-Frame-Options: deny}\n")) {
            assertEquals("401", curl(agent, "http"));
            assertEquals("200", curl(agent, "http", "--user", "ada:enigma"));
            for (String user : List.of("ada:enigma", "eve:enigma")) {
                String headers =
                        Command.run("curl", "-s", "-I", "--user", user, "http://127.0.0.1:" + agent.port() + "/");
                assertTrue(headers.toLowerCase().contains("x-frame-options: deny"), headers);
            }
        }
    }

    @Test
    void newCertificatesAndUsersAreUsedWithoutARestart() throws IOException {
        try (AgentProcess agent = secured(tls())) {
            assertEquals("200", curl(agent, "https"));
            certificates.signed("stranger", "server");
            Eventually.within(
                    Duration.ofSeconds(10),
                    "the new certificate",
                    () -> curl(agent, "https").equals("000"));
            assertEquals("200", curl(agent, "https", "--cacert", certificates.file("stranger.pem")));
            Files.writeString(directory.resolve("web.yml"), tls() + "basic_auth_users: {ada: plain}\n");
            Eventually.within(
                    Duration.ofSeconds(10), "the refusal", () -> agent.err().contains("is not a bcrypt hash"));
            assertEquals("200", curl(agent, "https", "--cacert", certificates.file("stranger.pem")));
            Files.writeString(directory.resolve("web.yml"), tls() + USERS);
            Eventually.within(
                    Duration.ofSeconds(10),
                    "the user",
                    () -> curl(agent, "https", "--cacert", certificates.file("stranger.pem"))
                            .equals("401"));
        }
    }

    @Test
    void certificatesThatAppearAfterTheConfigurationAreUsed() throws IOException {
        try (AgentProcess agent = secured(tls())) {
            Files.writeString(directory.resolve("web.yml"), tls().replace("server.", "late."));
            Eventually.within(
                    Duration.ofSeconds(10), "the refusal", () -> agent.err().contains("late.pem cannot be read"));
            assertEquals("200", curl(agent, "https"));
            certificates.signed("stranger", "late");
            Eventually.within(
                    Duration.ofSeconds(10),
                    "the new certificate",
                    () -> curl(agent, "https", "--cacert", certificates.file("stranger.pem"))
                            .equals("200"));
            assertEquals(1, agent.err().split("was reloaded", -1).length - 1, agent.err());
        }
    }

    @Test
    void anAuthorityAndItsSuccessorOfTheSameNameAreBothTrusted() throws IOException {
        Certificates before = new Certificates(Files.createDirectory(directory.resolve("before")))
                .authority("ca")
                .signed("ca", "client");
        Files.writeString(
                directory.resolve("both.pem"),
                Files.readString(Path.of(before.file("ca.pem"))) + Files.readString(directory.resolve("ca.pem")));
        try (AgentProcess agent =
                secured(tls("client_auth_type: RequireAndVerifyClientCert", "client_ca_file: both.pem"))) {
            for (Certificates client : List.of(before, certificates)) {
                assertEquals(
                        "200",
                        curl(agent, "https", "--cert", client.file("client.pem"), "--key", client.file("client.key")));
            }
        }
    }

    @Test
    void prometheusScrapesWithACertificateAndAPassword() throws IOException {
        String file = tls("client_auth_type: RequireAndVerifyClientCert", "client_ca_file: ca.pem") + USERS;
        try (AgentProcess agent = secured(file)) {
            Path config = Files.writeString(directory.resolve("prometheus.yml"), """
                    global: {scrape_interval: 1s}
                    scrape_configs:
                      - job_name: gpu
                        scheme: https
                        tls_config: {ca_file: ca.pem, cert_file: client.pem, key_file: client.key}
                        basic_auth: {username: ada, password: enigma}
                        static_configs: [{targets: ["127.0.0.1:%d"]}]
                    """.formatted(agent.port()));
            try (PrometheusServer prometheus = PrometheusServer.on(config, directory)) {
                assertEquals(1, prometheus.query("gpu_agent_up").get(0).value());
            }
        }
    }

    /** Opens connections that each occupy a thread until the time limit of a request. */
    @Test
    void anUnfinishedHandshakeDelaysNoOtherClient() throws IOException {
        List<Socket> silent = new ArrayList<>();
        try (AgentProcess agent = secured(tls())) {
            for (int i = 0; i < 100; i++) {
                Socket socket = new Socket("127.0.0.1", agent.port());
                socket.getOutputStream().write(0x16);
                silent.add(socket);
            }
            assertEquals("200", curl(agent, "https", "--max-time", "3"));
            silent.get(0).setSoTimeout(20_000);
            silent.get(0).getInputStream().readAllBytes();
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void anUnusableFileIsAStartupError() throws IOException {
        Path file = Files.writeString(directory.resolve("web.yml"), "tls_server_config: {cert_file: none.pem}");
        AgentProcess.Result result = AgentProcess.run(Map.of(), "--backend=simulated", "--web.config.file=" + file);
        assertEquals(2, result.status());
        assertEquals(
                "gpu-agent: --web.config.file: " + file + ": cert_file " + directory.resolve("none.pem")
                        + " cannot be read",
                result.err().strip());
    }

    private AgentProcess secured(String config) throws IOException {
        Path file = Files.writeString(directory.resolve("web.yml"), config);
        return AgentProcess.serveProtected("--backend=simulated", "--web.config.file=" + file);
    }

    private static String tls(String... lines) {
        return "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n"
                + String.join(
                        "",
                        Stream.of(lines)
                                .filter(line -> !line.isEmpty())
                                .map(line -> "  " + line + "\n")
                                .toList());
    }

    /** Requests the health path with curl and returns the status; 000 if there was no response. */
    private String curl(AgentProcess agent, String scheme, String... options) {
        List<String> command = new ArrayList<>(List.of(
                "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", certificates.file("ca.pem")));
        for (String option : options) {
            command.add(option.matches("\\w+\\.(pem|key)") ? certificates.file(option) : option);
        }
        command.add(scheme + "://127.0.0.1:" + agent.port() + "/-/healthy");
        return Command.of(command).output();
    }
}
