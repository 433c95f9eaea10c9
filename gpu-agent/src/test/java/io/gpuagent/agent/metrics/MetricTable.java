package io.gpuagent.agent.metrics;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Every family that the agent can expose, including those that are off by default, from the rows that render the page.
 */
final class MetricTable {

    private MetricTable() {}

    static List<Family> families() {
        return GpuCollector.families(MetricOptions.defaults().withPerProcess(true));
    }

    /** The families as a Markdown table. */
    static String markdown() {
        return families().stream()
                .map(MetricTable::row)
                .collect(Collectors.joining("\n", "| metric | type | labels | meaning |\n|---|---|---|---|\n", "\n"));
    }

    private static String row(Family family) {
        String type = family.type().name().toLowerCase(Locale.ROOT);
        String labels = family.labels().stream().map(label -> "`" + label + "`").collect(Collectors.joining(", "));
        String help = family.help().replace("|", "\\|").replace("<", "&lt;");
        return "| `" + family.name() + "` | " + type + " | " + labels + " | " + help + " |";
    }
}
