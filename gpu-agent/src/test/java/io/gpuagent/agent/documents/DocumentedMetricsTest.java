package io.gpuagent.agent.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.gpuagent.agent.deployment.DeploymentFiles;
import io.gpuagent.agent.deployment.MetricNames;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every metric that a document names exists. */
class DocumentedMetricsTest {

    private static final Pattern NAME = Pattern.compile(
            "(?<![\\w:./-])((?:gpu|used_gpu|namespace|workload)[_:][a-z][a-z0-9_:]*[a-z0-9])(?![\\w*…-])");

    /** Labels and label values that look like metric names. Some of them belong to other exporters. */
    private static final Set<String> NO_METRICS = Set.of("gpu_instance_id", "gpu_memory_max", "gpu_max", "gpu_idle");

    @Test
    void everyMetricThatADocumentNamesIsExportedOrRecorded() {
        Set<String> known = new TreeSet<>(MetricNames.exported());
        DeploymentFiles.yaml(DeploymentFiles.ROOT.resolve("prometheus/recording-rules.yml"))
                .findValuesAsText("record")
                .forEach(known::add);
        known.addAll(NO_METRICS);
        Set<String> named = new TreeSet<>();
        for (Path document : Documents.all()) {
            Matcher name = NAME.matcher(DeploymentFiles.text(document));
            while (name.find()) {
                named.add(name.group(1));
            }
        }
        assertFalse(named.isEmpty());
        named.removeAll(known);
        assertEquals(Set.of(), named);
    }
}
