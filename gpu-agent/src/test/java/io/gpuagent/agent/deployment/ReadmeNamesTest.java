package io.gpuagent.agent.deployment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The metric names in the README. */
class ReadmeNamesTest {

    private static final Pattern NAME = Pattern.compile(
            "(?<![\\w:./-])((?:gpu|used_gpu|namespace|workload)[_:][a-z][a-z0-9_:]*[a-z0-9])(?![\\w*…-])");

    @Test
    void everyMetricInTheReadmeIsExportedOrRecorded() {
        Set<String> known = new TreeSet<>(MetricNames.exported());
        DeploymentFiles.yaml(DeploymentFiles.ROOT.resolve("prometheus/recording-rules.yml"))
                .findValuesAsText("record")
                .forEach(known::add);
        // Names of nvidia_gpu_exporter and nvml.h, which the README compares with.
        known.addAll(Set.of("gpu_instance_id", "gpu_memory_max", "gpu_max"));
        Set<String> named = new TreeSet<>();
        Matcher name = NAME.matcher(DeploymentFiles.text(Path.of("../README.md")));
        while (name.find()) {
            named.add(name.group(1));
        }
        assertFalse(named.isEmpty());
        named.removeAll(known);
        assertEquals(Set.of(), named);
    }
}
