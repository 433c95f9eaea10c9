package io.gpuagent.agent.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainerSourcesTest {

    @ParameterizedTest
    @CsvSource({
        "auto, auto, oci docker podman storage rootless rootless-oci rootless-storage",
        "auto, off, docker podman rootless",
        "off, auto, oci storage rootless-oci rootless-storage",
        "unix:///x.sock, /a, oci docker storage",
        "off, off, ''"
    })
    void flagsDetermineTheSourcesAndTheirOrder(String docker, String bundles, String expected) {
        List<ContainerSource> sources = ContainerSources.of(docker, bundles, Map.of(), Path.of("/nowhere"));
        assertEquals(
                expected,
                String.join(" ", sources.stream().map(ContainerSource::name).toList()));
        sources.forEach(ContainerSource::close);
    }
}
