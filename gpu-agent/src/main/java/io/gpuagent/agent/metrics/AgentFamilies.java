package io.gpuagent.agent.metrics;

import io.gpuagent.agent.metrics.Family.Row;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.Resolution;
import io.prometheus.client.Collector.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** The families of the agent itself, and of the node it runs on. */
final class AgentFamilies {

    private AgentFamilies() {}

    static Stream<Family> all(MetricOptions options) {
        return Stream.of(state(options), counts(options)).flatMap(List::stream);
    }

    private static List<Family> state(MetricOptions options) {
        return List.of(
                Family.of(
                        "gpu_node_info",
                        Type.INFO,
                        "The node that the GPUs are in; 1.",
                        List.of("node"),
                        snapshot -> snapshot.time() == null || options.node().isEmpty()
                                ? Stream.of()
                                : Stream.of(Row.of(1, options.node()))),
                single(
                        "gpu_agent_up",
                        "1 if the driver is initialised, its last enumeration of GPUs succeeded and samples are fresh.",
                        snapshot -> Stream.of(snapshot.backend().up() ? 1.0 : 0.0)),
                Family.of(
                        "gpu_agent_build_info",
                        Type.INFO,
                        "The agent; 1. With backend simulated, every figure is invented.",
                        List.of("version", "backend", "java"),
                        snapshot -> Stream.of(Row.of(
                                1, options.version(), snapshot.backend().name(), System.getProperty("java.version")))),
                single(
                        "gpu_agent_last_sample_timestamp_seconds",
                        "Unix time of the newest sample.",
                        snapshot -> Stream.ofNullable(snapshot.time()).map(Family::seconds)),
                Family.histogram(
                        "gpu_agent_sample_duration_seconds",
                        "How long samples took, in seconds.",
                        snapshot -> snapshot.totals().durations()),
                single(
                        "gpu_agent_sample_interval_seconds",
                        "Time between two samples now, in seconds: longer than configured where sampling takes too long.",
                        snapshot -> Stream.of(Family.seconds(snapshot.totals().interval()))));
    }

    private static List<Family> counts(MetricOptions options) {
        return List.of(
                counter(
                        "gpu_agent_nvml_errors_total",
                        "Driver calls that failed; \"not supported\" is not a failure.",
                        List.of("function", "code"),
                        snapshot ->
                                rows(snapshot.totals().callFaults(), fault -> List.of(fault.function(), fault.code()))),
                counter(
                        "gpu_agent_rejected_values_total",
                        "Values of the driver that cannot be true and were left out.",
                        List.of("reason"),
                        snapshot -> rows(snapshot.totals().rejections(), List::of)),
                perReason(
                        "gpu_agent_unresolved_processes",
                        "Processes on GPUs whose workload is not known; their memory is in gpu_memory_unattributed_bytes.",
                        Resolution.Reason.values(),
                        Resolution.Reason::label,
                        Snapshot::unresolved),
                perReason(
                        "gpu_agent_unnamed_workloads",
                        "Containers on GPUs that have no name, shown by their id.",
                        ContainerLookup.Reason.values(),
                        ContainerLookup.Reason::label,
                        Snapshot::unnamed),
                counter(
                        "gpu_agent_container_lookups_total",
                        "Lookups of container names, by the source that was asked and how it ended.",
                        List.of("source", "outcome"),
                        snapshot -> rows(options.lookups().get(), Function.identity())));
    }

    private static Family single(String name, String help, Function<Snapshot, Stream<Double>> value) {
        return Family.of(
                name,
                Type.GAUGE,
                help,
                List.of(),
                snapshot -> value.apply(snapshot).map(Row::of));
    }

    private static Family counter(String name, String help, List<String> labels, Function<Snapshot, Stream<Row>> rows) {
        return Family.of(name, Type.COUNTER, help, labels, rows);
    }

    private static <K> Stream<Row> rows(Map<K, Long> counts, Function<K, List<String>> labels) {
        return counts.entrySet().stream()
                .map(entry -> new Row(labels.apply(entry.getKey()), entry.getValue()))
                .sorted((one, other) ->
                        one.values().toString().compareTo(other.values().toString()));
    }

    /** A gauge with a line for every reason, 0 where there is none. */
    private static <R> Family perReason(
            String name,
            String help,
            R[] reasons,
            Function<R, String> label,
            Function<Snapshot, Map<R, Integer>> counts) {
        return Family.of(
                name,
                Type.GAUGE,
                help,
                List.of("reason"),
                snapshot -> Arrays.stream(looked(snapshot) ? reasons : Arrays.copyOf(reasons, 0))
                        .map(reason -> Row.of(counts.apply(snapshot).getOrDefault(reason, 0), label.apply(reason))));
    }

    /** Whether anybody looked at processes: where not, a 0 would be a claim. */
    private static boolean looked(Snapshot snapshot) {
        return snapshot.time() != null
                && (snapshot.backend().up() || !snapshot.gpus().isEmpty());
    }
}
