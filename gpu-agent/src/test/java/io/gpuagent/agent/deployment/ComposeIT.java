package io.gpuagent.agent.deployment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gpuagent.testing.AgentProcess;
import io.gpuagent.testing.Command;
import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.PrometheusServer;
import io.gpuagent.testing.Requirement;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the services of compose.yaml without containers: each with its command line from the file, and with the files
 * that it mounts.
 */
class ComposeIT {

    private static final Path FILE = DeploymentFiles.ROOT.resolve("compose.yaml");

    @TempDir
    Path directory;

    private final JsonNode services = DeploymentFiles.yaml(FILE).get("services");

    @Test
    void prometheusScrapesTheAgentWithTheMountedFiles() throws IOException {
        for (Map.Entry<Path, Path> mount : mounts("prometheus").entrySet()) {
            Path copy = directory.resolve(mount.getValue().toString().substring(1));
            Files.createDirectories(copy.getParent());
            Files.copy(mount.getKey(), copy);
        }
        Path config = argument("prometheus", "--config.file=");
        try (AgentProcess agent = AgentProcess.serve(Map.of(), flags("gpu-agent"))) {
            Path targets = config.resolveSibling("targets.yml");
            String address = "gpu-agent:9900";
            assertTrue(Files.readString(targets).contains(address), "the agent's service and port");
            Files.writeString(targets, Files.readString(targets).replace(address, "127.0.0.1:" + agent.port()));
            try (PrometheusServer prometheus = PrometheusServer.on(config, directory)) {
                Eventually.get(
                        Duration.ofSeconds(40),
                        "the simulated node",
                        () -> prometheus.query("sum(gpu_memory_used_bytes{node=\"127.0.0.1\"}) > 0"),
                        samples -> samples.size() == 1);
            }
        }
    }

    @Test
    void grafanaFindsItsDashboardsAndPrometheus() {
        Map<Path, Path> mounts = mounts("grafana");
        JsonNode provider = DeploymentFiles.yaml(
                        DeploymentFiles.ROOT.resolve("grafana/provisioning/dashboards/gpu-agent.yml"))
                .at("/providers/0");
        Path dashboards = Path.of(provider.at("/options/path").asText());
        assertTrue(mounts.containsValue(dashboards), mounts.toString());
        assertTrue(mounts.containsValue(Path.of("/etc/grafana/provisioning")), mounts.toString());
        Path home = Path.of(services.at("/grafana/environment/GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH")
                .asText());
        assertEquals(dashboards, home.getParent());
        assertTrue(
                Files.exists(DeploymentFiles.ROOT.resolve("grafana/dashboards").resolve(home.getFileName())));
        URI source = URI.create(
                DeploymentFiles.yaml(DeploymentFiles.ROOT.resolve("grafana/provisioning/datasources/prometheus.yml"))
                        .at("/datasources/0/url")
                        .asText());
        assertTrue(services.has(source.getHost()), source + " names a service");
    }

    @Test
    void imagesCanBeReplacedAndMountedFilesExist() {
        for (Map.Entry<String, JsonNode> service : services.properties()) {
            String image = service.getValue().get("image").asText();
            assertTrue(image.matches("\\$\\{[A-Z_]+:-[a-z/]+[a-z-]+(:v?[0-9.]+)?}"), image);
            for (Path source : mounts(service.getKey()).keySet()) {
                assertTrue(Files.exists(source), source.toString());
            }
        }
        Path context = DeploymentFiles.ROOT.resolve(
                services.at("/gpu-agent/build/context").asText());
        assertTrue(Files.exists(
                context.resolve(services.at("/gpu-agent/build/dockerfile").asText())));
    }

    @Test
    void composeAcceptsTheFile() {
        boolean present = Command.isOnPath("docker")
                && Command.of(List.of("docker", "compose", "version")).status() == 0;
        Requirement.unlessOlder("docker compose", present, "Docker's Compose plugin, which Debian 12 lacks");
        Command.run("docker", "compose", "-f", FILE.toString(), "config", "--quiet");
    }

    /** The mounts of a service: path in the repository to path in the container. */
    private Map<Path, Path> mounts(String service) {
        Map<Path, Path> mounts = new LinkedHashMap<>();
        for (JsonNode volume : services.get(service).path("volumes")) {
            String[] parts = volume.asText().split(":");
            assertEquals("ro", parts[2], volume.asText());
            mounts.put(DeploymentFiles.ROOT.resolve(parts[0]).normalize(), Path.of(parts[1]));
        }
        return mounts;
    }

    private Path argument(String service, String flag) {
        String path =
                words(service).filter(word -> word.startsWith(flag)).findFirst().orElseThrow();
        return directory.resolve(path.substring(flag.length() + 1));
    }

    private String[] flags(String service) {
        assertEquals("serve", words(service).findFirst().orElseThrow());
        return words(service).skip(1).toArray(String[]::new);
    }

    private Stream<String> words(String service) {
        return StreamSupport.stream(services.get(service).get("command").spliterator(), false)
                .map(JsonNode::asText);
    }
}
