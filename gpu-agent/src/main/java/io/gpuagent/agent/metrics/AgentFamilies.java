package io.gpuagent.agent.metrics;

import io.gpuagent.usage.Snapshot;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.Resolution;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** The metric families of the agent itself and of its node. */
final class AgentFamilies {

    private AgentFamilies() {}

    static Stream<Family> all(MetricOptions options) {
        return Stream.of(state(options), counts(options)).flatMap(List::stream);
    }

    private static List<Family> state(MetricOptions options) {
        LabelledItems<String> node =
                LabelledItems.SNAPSHOT.each(snapshot -> node(snapshot, options), List.of("node"), List::of);
        LabelledItems<Snapshot> build = LabelledItems.SNAPSHOT.with(
                List.of("version", "backend", "java"), snapshot -> build(snapshot, options));
        return List.of(
                node.info("gpu_node_info", "Node that hosts the GPUs. Value is always 1."),
                LabelledItems.SNAPSHOT.gauge(
                        "gpu_agent_up",
                        "1 if the driver is initialized, the last enumeration of GPUs succeeded and samples are fresh, otherwise 0.",
                        snapshot -> snapshot.backend().up() ? 1 : 0),
                build.info(
                        "gpu_agent_build_info",
                        "Build of the agent. Value is always 1. With backend simulated, all values are simulated."),
                LabelledItems.SNAPSHOT.gauge(
                        "gpu_agent_last_sample_timestamp_seconds",
                        "Unix time of the newest sample.",
                        snapshot -> snapshot.time() == null ? null : Family.seconds(snapshot.time())),
                Family.histogram(
                        "gpu_agent_sample_duration_seconds",
                        "Duration of samples in seconds.",
                        snapshot -> snapshot.totals().durations()),
                LabelledItems.SNAPSHOT.gauge(
                        "gpu_agent_sample_interval_seconds",
                        "Current sample interval in seconds. Longer than configured if sampling takes too long.",
                        snapshot -> Family.seconds(snapshot.totals().interval())));
    }

    private static Stream<String> node(Snapshot snapshot, MetricOptions options) {
        return snapshot.time() == null || options.node().isEmpty() ? Stream.of() : Stream.of(options.node());
    }

    private static List<String> build(Snapshot snapshot, MetricOptions options) {
        return List.of(options.version(), snapshot.backend().name(), System.getProperty("java.version"));
    }

    private static List<Family> counts(MetricOptions options) {
        return List.of(
                counter(
                        "gpu_agent_nvml_errors_total",
                        "Driver calls that failed, by function and error code. \"Not supported\" does not count as a failure.",
                        List.of("function", "code"),
                        snapshot -> snapshot.totals().callFaults(),
                        fault -> List.of(fault.function(), fault.code())),
                counter(
                        "gpu_agent_rejected_values_total",
                        "Implausible values from the driver that were dropped.",
                        List.of("reason"),
                        snapshot -> snapshot.totals().rejections(),
                        List::of),
                perReason(
                        "gpu_agent_unresolved_processes",
                        "Processes on GPUs whose workload is unknown. Their memory is part of gpu_memory_unattributed_bytes.",
                        Resolution.Reason.values(),
                        Resolution.Reason::label,
                        Snapshot::unresolved),
                perReason(
                        "gpu_agent_unnamed_workloads",
                        "Containers on GPUs whose name is unknown, so that they are shown by id.",
                        ContainerLookup.Reason.values(),
                        ContainerLookup.Reason::label,
                        Snapshot::unnamed),
                counter(
                        "gpu_agent_container_lookups_total",
                        "Lookups of container names, by source and outcome.",
                        List.of("source", "outcome"),
                        snapshot -> options.lookups().get(),
                        Function.identity()));
    }

    private static <K> Family counter(
            String name,
            String help,
            List<String> labels,
            Function<Snapshot, Map<K, Long>> counts,
            Function<K, List<String>> values) {
        Comparator<Map.Entry<K, Long>> order =
                Comparator.comparing(count -> values.apply(count.getKey()).toString());
        return LabelledItems.SNAPSHOT
                .each(
                        snapshot -> counts.apply(snapshot).entrySet().stream().sorted(order),
                        labels,
                        count -> values.apply(count.getKey()))
                .counter(name, help, Map.Entry::getValue);
    }

    /** A gauge with one series per reason, 0 if the reason did not occur. */
    private static <R> Family perReason(
            String name,
            String help,
            R[] reasons,
            Function<R, String> label,
            Function<Snapshot, Map<R, Integer>> counts) {
        return LabelledItems.SNAPSHOT
                .each(
                        snapshot -> Arrays.stream(looked(snapshot) ? reasons : Arrays.copyOf(reasons, 0))
                                .map(reason -> Map.entry(
                                        label.apply(reason),
                                        counts.apply(snapshot).getOrDefault(reason, 0))),
                        List.of("reason"),
                        count -> List.of(count.getKey()))
                .gauge(name, help, Map.Entry::getValue);
    }

    /** Whether a sample has read processes. If not, their number is unknown, and exporting 0 would be wrong. */
    private static boolean looked(Snapshot snapshot) {
        return snapshot.time() != null
                && (snapshot.backend().up() || !snapshot.gpus().isEmpty());
    }
}
