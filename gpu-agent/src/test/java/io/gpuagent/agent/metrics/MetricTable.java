package io.gpuagent.agent.metrics;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.MetricGroup;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Every family that the agent can expose, including those that are off by default, as Markdown tables. */
final class MetricTable {

    private MetricTable() {}

    static List<Family> families() {
        return GpuCollector.families(MetricOptions.defaults().withPerProcess(true));
    }

    /** One table per section, each with its heading. */
    static String markdown() {
        Map<String, String> rows = families().stream()
                .collect(Collectors.groupingBy(
                        family -> section(family.name()),
                        LinkedHashMap::new,
                        Collectors.mapping(MetricTable::row, Collectors.joining("\n"))));
        return rows.entrySet().stream()
                .map(section -> "### " + section.getKey()
                        + "\n\n| metric | type | labels | meaning |\n|---|---|---|---|\n" + section.getValue() + "\n")
                .collect(Collectors.joining("\n"));
    }

    /** The groups of board metrics with their flags. */
    static String groups() {
        return Arrays.stream(MetricGroup.values())
                .map(group -> "| `" + group.key() + "` | "
                        + (group == MetricGroup.BASIC ? "none" : "`--collect." + group.key() + "`") + " | "
                        + (group == MetricGroup.BASIC ? "always on" : group.byDefault() ? "on" : "off") + " | "
                        + group.help() + " |")
                .collect(Collectors.joining("\n", "| group | flag | default | content |\n|---|---|---|---|\n", "\n"));
    }

    private static String section(String name) {
        for (DeviceMetric metric : DeviceMetric.values()) {
            if (metric.exposedName().equals(name)) {
                return "Group `" + metric.group().key() + "`";
            }
        }
        if (name.startsWith("gpu_workload_")) {
            return "Workloads";
        }
        if (name.startsWith("gpu_process_memory_") || name.matches("gpu_process_.*_ratio")) {
            return "Processes";
        }
        if (name.startsWith("gpu_mig_")) {
            return "MIG instances";
        }
        if (name.startsWith("gpu_agent_") && !name.matches("gpu_agent_(other_workloads|unobserved_seconds_total)")
                || name.equals("gpu_node_info")) {
            return "Agent";
        }
        return name.startsWith("gpu_") ? "Boards" : "Compatibility";
    }

    private static String row(Family family) {
        String type = family.type().name().toLowerCase(Locale.ROOT);
        String labels = family.labels().stream().map(label -> "`" + label + "`").collect(Collectors.joining(", "));
        String help = family.help().replace("|", "\\|").replace("<", "&lt;");
        return "| `" + family.name() + "` | " + type + " | " + labels + " | " + help + " |";
    }
}
