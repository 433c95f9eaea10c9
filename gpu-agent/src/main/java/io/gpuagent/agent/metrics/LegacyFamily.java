package io.gpuagent.agent.metrics;

import io.gpuagent.agent.metrics.Family.Row;
import io.gpuagent.agent.metrics.MetricOptions.Legacy;
import io.gpuagent.agent.metrics.WorkloadFamilies.Placed;
import io.gpuagent.usage.ProcessUsage;
import io.gpuagent.usage.WorkloadUsage;
import io.gpuagent.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The one family that the first exporter of this kind had, for the dashboards that are built on it. */
final class LegacyFamily {

    private static final int ID_LENGTH = 12;

    private LegacyFamily() {}

    static Stream<Family> all(MetricOptions options) {
        if (options.legacy() == Legacy.OFF) {
            return Stream.of();
        }
        boolean pids = options.legacy() == Legacy.PROCESS;
        String unit = options.legacyUnit().name().toLowerCase(Locale.ROOT);
        List<String> labels = new ArrayList<>(List.of("container_name", "gpu", "container_id", "unit"));
        labels.addAll(pids ? List.of("pid") : List.of());
        return Stream.of(Family.summed(
                "used_gpu_memory",
                "Memory that a container holds on a GPU, in bytes whatever the label unit says. For compatibility; the same is in"
                        + " gpu_workload_memory_bytes.",
                List.copyOf(labels),
                snapshot -> WorkloadFamilies.placed(snapshot).flatMap(placed -> rows(placed, unit, pids))));
    }

    private static Stream<Row> rows(Placed placed, String unit, boolean pids) {
        WorkloadUsage usage = placed.usage();
        if (!(usage.workload() instanceof Workload.Container container)) {
            return Stream.of();
        }
        String name = usage.details() == null ? "" : usage.details().name();
        String id =
                container.id().substring(0, Math.min(ID_LENGTH, container.id().length()));
        List<String> labels =
                List.of(name, Integer.toString(placed.gpu().identity().index()), id, unit);
        return pids
                ? usage.processes().stream().flatMap(process -> row(process, labels))
                : row(usage.memoryBytes().orElse(0), labels);
    }

    private static Stream<Row> row(ProcessUsage usage, List<String> labels) {
        @Nullable Long bytes = usage.process().memoryBytes();
        return row(
                bytes == null ? 0 : bytes,
                labels,
                Integer.toString(usage.process().pid()));
    }

    private static Stream<Row> row(long bytes, List<String> labels, String... more) {
        return bytes > 0 ? Stream.of(Row.of(bytes, labels, more)) : Stream.of();
    }
}
