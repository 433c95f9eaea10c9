package io.gpuagent.agent.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.Golden;
import io.prometheus.client.Collector.Type;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MetricTableTest {

    @Test
    void theDocumentListsEveryFamily() throws IOException {
        Golden.checkDocument("gpu-agent/METRICS.md", "metrics", MetricTable.markdown());
    }

    @Test
    void theDocumentListsEveryGroup() throws IOException {
        Golden.checkDocument("gpu-agent/METRICS.md", "groups", MetricTable.groups());
    }

    @Test
    void everyFamilyHasAUniqueNameAndAHelpText() {
        Set<String> names = new HashSet<>();
        for (Family family : MetricTable.families()) {
            assertTrue(names.add(family.name()), family.name());
            assertTrue(family.help().length() > 10, family.name());
        }
    }

    @Test
    void namesCarryTheSuffixOfTheirType() {
        for (Family family : MetricTable.families()) {
            assertEquals(family.type() == Type.COUNTER, family.name().endsWith("_total"), family.name());
            assertEquals(family.type() == Type.INFO, family.name().endsWith("_info"), family.name());
        }
    }

    @Test
    void noLabelHasANameThatPrometheusAssigns() {
        Set<String> target = Set.of("job", "instance", "le");
        for (Family family : MetricTable.families()) {
            assertEquals(
                    List.of(), family.labels().stream().filter(target::contains).toList(), family.name());
        }
    }
}
