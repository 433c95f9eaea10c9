package io.gpuagent.agent.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.model.Version;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DockerEndpointsTest {

    private static final Path HERE = Path.of("/");

    @Test
    void autoMeansTheWellKnownSocketsThenTheLocalPort() {
        assertEquals(
                List.of("unix:///var/run/docker.sock", "unix:///run/docker.sock", "tcp://127.0.0.1:2375"),
                texts("auto", Map.of(), HERE));
    }

    @Test
    void socketsBelowTheHostsRootComeBeforeTheAgentsOwn() {
        assertEquals(
                List.of(
                        "unix:///host/var/run/docker.sock",
                        "unix:///host/run/docker.sock",
                        "unix:///var/run/docker.sock",
                        "unix:///run/docker.sock",
                        "tcp://127.0.0.1:2375"),
                texts("auto", Map.of(), Path.of("/host")));
    }

    @Test
    void dockerHostComesFirst() {
        assertEquals(
                "tcp://gpu1:4243",
                texts("auto", Map.of("DOCKER_HOST", "tcp://gpu1:4243"), HERE).get(0));
    }

    @Test
    void aDockerHostOfAnUnsupportedSchemeIsSkipped() {
        assertEquals(
                3, texts("auto", Map.of("DOCKER_HOST", "ssh://me@there"), HERE).size());
    }

    @Test
    void offQueriesNothing() {
        assertTrue(DockerEndpoints.of("off", Map.of("DOCKER_HOST", "tcp://gpu1:4243"), HERE)
                .isOff());
    }

    @ParameterizedTest
    @CsvSource({
        "unix:///run/a b.sock, unix:///run/a b.sock",
        "tcp://gpu1, tcp://gpu1:2375",
        "tcp://[::1]:99, tcp://[::1]:99",
        "tcp://gpu1:99/prefix, tcp://gpu1:99/prefix"
    })
    void anExplicitAddressIsTheOnlyOne(String flag, String expected) {
        assertEquals(List.of(expected), texts(flag, Map.of("DOCKER_HOST", "tcp://other:1"), HERE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "on",
                "unix://run/docker.sock",
                "/run/docker.sock",
                "http://gpu1:2375",
                "tcp://",
                "tcp://a b",
                "tcp://a:65536"
            })
    void anInvalidValueIsNamedInTheError(String flag) {
        String message = assertThrows(IllegalArgumentException.class, () -> DockerEndpoints.of(flag, Map.of(), HERE))
                .getMessage();
        assertTrue(message.startsWith("--docker.host=" + flag + ":"), message);
    }

    @Test
    void anInvalidApiVersionIsNamedInTheError() {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> DockerEndpoints.of("auto", Map.of("DOCKER_API_VERSION", "newest"), HERE))
                .getMessage();
        assertTrue(message.startsWith("DOCKER_API_VERSION=newest:"), message);
    }

    @Test
    void verificationTurnsTlsOnWithTheCertificatesOfTheDockerClient() {
        Map<String, String> verify = Map.of("DOCKER_TLS_VERIFY", "1", "HOME", "/root");
        assertEquals(
                Path.of("/root/.docker"),
                DockerEndpoints.of("auto", verify, HERE).certificates());
        assertEquals(List.of("tcp://gpu1:2376"), texts("tcp://gpu1", verify, HERE));
        assertEquals(
                Path.of("/certs"),
                DockerEndpoints.of("auto", Map.of("DOCKER_TLS_VERIFY", "1", "DOCKER_CERT_PATH", "/certs"), HERE)
                        .certificates());
        assertNull(DockerEndpoints.of("auto", Map.of("DOCKER_TLS_VERIFY", "0", "DOCKER_CERT_PATH", "/certs"), HERE)
                .certificates());
    }

    @ParameterizedTest
    @CsvSource({
        "1.12,1.41,1.41",
        "1.24,1.40,1.40",
        "1.24,1.52,1.44",
        "1.44,1.52,1.44",
        "1.45,1.60,1.45",
        ",1.39,1.39",
        ",,",
        "x,y,"
    })
    void theNewestCommonVersionIsNegotiated(String oldest, String newest, String agreed) throws Exception {
        Version server = new ObjectMapper()
                .readValue("{\"MinAPIVersion\":\"" + oldest + "\",\"ApiVersion\":\"" + newest + "\"}", Version.class);
        assertEquals(agreed, DockerConnection.agree(server));
    }

    private static List<String> texts(String flag, Map<String, String> environment, Path rootfs) {
        return DockerEndpoints.of(flag, environment, rootfs).candidates().stream()
                .map(DockerEndpoints::text)
                .toList();
    }
}
