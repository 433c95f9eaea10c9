package io.gpuagent.agent.deployment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The metrics that the agent exports: those of the table in METRICS.md, which is generated from the code, and the standard
 * process metrics.
 */
public final class MetricNames {

    private static final Pattern ROW = Pattern.compile("^\\| `(\\w+)` \\| (\\w+) \\|", Pattern.MULTILINE);

    private MetricNames() {}

    public static Set<String> exported() {
        try {
            Set<String> names = new TreeSet<>(
                    Set.of("process_start_time_seconds", "process_cpu_seconds_total", "process_resident_memory_bytes"));
            Matcher row = ROW.matcher(Files.readString(Path.of("../gpu-agent/METRICS.md")));
            while (row.find()) {
                names.add(row.group(1));
                if (row.group(2).equals("histogram")) {
                    names.addAll(Set.of(row.group(1) + "_bucket", row.group(1) + "_sum", row.group(1) + "_count"));
                }
            }
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
