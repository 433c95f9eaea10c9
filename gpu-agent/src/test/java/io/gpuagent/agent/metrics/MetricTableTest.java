package io.gpuagent.agent.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
        for (MetricTable.Entry entry : MetricTable.entries()) {
            assertTrue(names.add(entry.name()), entry.name());
            assertTrue(entry.help().length() > 10, entry.name());
        }
    }

    @Test
    void namesCarryTheSuffixOfTheirType() {
        for (MetricTable.Entry entry : MetricTable.entries()) {
            assertEquals(entry.type().equals("counter"), entry.name().endsWith("_total"), entry.name());
            assertEquals(entry.type().equals("info"), entry.name().endsWith("_info"), entry.name());
        }
    }

    @Test
    void noLabelIsOneThatAScrapeConfigRenames() {
        Set<String> target = Set.of("job", "instance", "le");
        for (MetricTable.Entry entry : MetricTable.entries()) {
            assertEquals(
                    List.of(), entry.labels().stream().filter(target::contains).toList(), entry.name());
        }
    }
}
