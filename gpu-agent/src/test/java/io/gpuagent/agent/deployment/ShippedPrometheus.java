package io.gpuagent.agent.deployment;

import io.gpuagent.testing.PrometheusServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A real Prometheus with the shipped files, in which only targets and intervals are changed. */
final class ShippedPrometheus {

    private ShippedPrometheus() {}

    /** @param the target's labels, as YAML */
    static PrometheusServer scraping(int port, String labels, Path directory) {
        Path shipped = DeploymentFiles.ROOT.resolve("prometheus");
        try {
            Path config = copy(shipped, directory, "prometheus.yml", "_interval: (15|30)s", "_interval: 1s");
            copy(shipped, directory, "recording-rules.yml", "interval: 5m", "interval: 2s");
            Files.copy(shipped.resolve("alerts.yml"), directory.resolve("alerts.yml"));
            Files.writeString(directory.resolve("targets.yml"), """
                    - targets: ["127.0.0.1:%d"]
                      labels: %s
                    """.formatted(port, labels));
            return PrometheusServer.on(config, directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path copy(Path from, Path to, String name, String regex, String replacement) throws IOException {
        String shipped = Files.readString(from.resolve(name));
        String content = shipped.replaceAll(regex, replacement);
        if (content.equals(shipped)) {
            throw new AssertionError(name + " has no " + regex);
        }
        return Files.writeString(to.resolve(name), content);
    }
}
