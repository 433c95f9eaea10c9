package io.gpuagent.agent.metrics;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** All families the agent can expose, from the rows that make the page. */
public final class MetricTable {

    private MetricTable() {}

    /** A family: its exposed name, type, labels and meaning. */
    public record Entry(String name, String type, List<String> labels, String help) {}

    /** Every family, those that are off by default included. */
    public static List<Entry> entries() {
        MetricOptions all = MetricOptions.defaults().withPerProcess(true);
        return GpuCollector.families(all).stream()
                .map(family -> new Entry(
                        family.name(), family.type().name().toLowerCase(Locale.ROOT), family.labels(), family.help()))
                .toList();
    }

    /** The entries as a Markdown table. */
    public static String markdown() {
        return entries().stream()
                .map(MetricTable::row)
                .collect(Collectors.joining("\n", "| metric | type | labels | meaning |\n|---|---|---|---|\n", "\n"));
    }

    private static String row(Entry entry) {
        String labels = entry.labels().stream().map(label -> "`" + label + "`").collect(Collectors.joining(", "));
        String help = entry.help().replace("|", "\\|").replace("<", "&lt;");
        return "| `" + entry.name() + "` | " + entry.type() + " | " + labels + " | " + help + " |";
    }
}
