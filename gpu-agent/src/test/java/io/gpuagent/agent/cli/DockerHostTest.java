package io.gpuagent.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DockerHostTest {

    @ParameterizedTest
    @ValueSource(strings = {"unix:///var/run/docker.sock", "tcp://10.0.0.1:2375", "tcp://docker", "tcp://[::1]:2376"})
    void aDaemonHasAnAddress(String text) {
        assertEquals(new DockerHost.At(URI.create(text)), DockerHost.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Auto",
                "unix://",
                "unix:///",
                "unix://run/docker.sock",
                "tcp://",
                "tcp://h:70000",
                "tcp://h:1/path",
                "tcp://user@h:1",
                "tcp://h:1?q",
                "unix:///a#b",
                "http://h:1",
                "unix:///a b",
                "npipe:////./pipe/docker_engine"
            })
    void whatIsNoDaemonIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> DockerHost.parse(text));
    }
}
