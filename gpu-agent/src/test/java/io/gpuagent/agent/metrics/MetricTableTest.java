package io.gpuagent.agent.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.prometheus.client.Collector.Type;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MetricTableTest {

    private static final Path README = Path.of("..", "README.md");
    private static final String BEGIN = "<!-- metrics:begin -->\n";
    private static final String END = "<!-- metrics:end -->";

    @Test
    void theReadmeListsEveryFamily() throws IOException {
        String readme = Files.readString(README);
        int begin = readme.indexOf(BEGIN);
        int end = readme.indexOf(END);
        assertTrue(0 <= begin && begin < end, "README.md lacks the markers of the metrics table");
        String table = BEGIN + MetricTable.markdown();
        Golden.checkFile(README, readme.substring(0, begin) + table + readme.substring(end));
    }

    @Test
    void everyFamilyHasItsOwnNameAndSaysWhatItIs() {
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
    void noLabelIsOneThatAScrapeConfigRenames() {
        Set<String> target = Set.of("job", "instance", "le");
        for (Family family : MetricTable.families()) {
            assertEquals(
                    List.of(), family.labels().stream().filter(target::contains).toList(), family.name());
        }
    }
}
