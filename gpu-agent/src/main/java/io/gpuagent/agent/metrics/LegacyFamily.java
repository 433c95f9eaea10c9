package io.gpuagent.agent.metrics;

import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.WorkloadUsage;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The family {@code used_gpu_memory} of an earlier exporter, kept for dashboards that use it. */
final class LegacyFamily {

    private static final int ID_LENGTH = 12;

    private static final String NAME = "used_gpu_memory";

    private static final String HELP =
            "Memory that a container holds on a GPU, in bytes regardless of the label unit. For compatibility; new dashboards"
                    + " should use gpu_workload_memory_bytes.";

    private record Placed(int gpu, WorkloadUsage usage) {

        List<String> labels(String unit) {
            String id = usage.labels().containerId();
            // Without a confirmed id, the name of the outer owner distinguishes containers.
            String unnamed = id.isEmpty() ? usage.labels().workload() : "";
            String name = usage.details() == null ? unnamed : usage.details().name();
            return List.of(name, Integer.toString(gpu), id.substring(0, Math.min(ID_LENGTH, id.length())), unit);
        }
    }

    private LegacyFamily() {}

    static Stream<Family> all(MetricOptions options) {
        String unit = options.legacyUnit().name().toLowerCase(Locale.ROOT);
        LabelledItems<Placed> containers = LabelledItems.SNAPSHOT.each(
                snapshot -> snapshot.gpus().stream().flatMap(LegacyFamily::containers),
                List.of("container_name", "gpu", "container_id", "unit"),
                placed -> placed.labels(unit));
        return switch (options.legacy()) {
            case OFF -> Stream.of();
            case CONTAINER ->
                Stream.of(containers.summed(
                        NAME, HELP, placed -> held(placed.usage().memoryBytes())));
            case PROCESS ->
                Stream.of(containers
                        .each(
                                placed -> placed.usage().processes().stream(),
                                List.of("pid"),
                                usage ->
                                        List.of(Integer.toString(usage.process().pid())))
                        .summed(NAME, HELP, usage -> held(usage.process().memoryBytes())));
        };
    }

    private static Stream<Placed> containers(GpuUsage gpu) {
        Stream<WorkloadUsage> usages = gpu.live().stream().flatMap(live -> live.attribution().workloads().stream());
        return usages.filter(usage -> usage.labels().kind().equals("container"))
                .map(usage -> new Placed(gpu.identity().index(), usage));
    }

    /** Returns null instead of 0, so that a workload without GPU memory has no series. */
    private static @Nullable Long held(@Nullable Long bytes) {
        return bytes == null || bytes <= 0 ? null : bytes;
    }
}
