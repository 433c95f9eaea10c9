package io.gpuagent.agent.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An agent that Prometheus scrapes.
 *
 * @param models the models of its GPUs, by UUID
 */
record Agent(String job, String instance, String node, Map<String, String> models) {

    /** All agents with data on the server in the range. */
    static List<Agent> all(PrometheusClient client, Slice range) throws IOException {
        Map<String, List<Series>> byTarget = new TreeMap<>();
        client.series(
                "{__name__=~\"gpu_agent_up|gpu_node_info|gpu_info\"}",
                range,
                series -> byTarget.computeIfAbsent(
                                series.label("instance") + "\n" + series.label("job"), any -> new ArrayList<>())
                        .add(series));
        return byTarget.values().stream()
                .filter(target ->
                        target.stream().anyMatch(series -> series.name().equals("gpu_agent_up")))
                .map(Agent::of)
                .toList();
    }

    /**
     * The node name: the label {@code node} that a scrape configuration adds, otherwise the one in {@code
     * gpu_node_info}, otherwise the instance.
     */
    private static Agent of(List<Series> target) {
        Map<String, List<Series>> byName = target.stream().collect(Collectors.groupingBy(Series::name));
        String instance = target.get(0).label("instance");
        String node = Stream.of("gpu_agent_up", "gpu_node_info")
                .flatMap(name -> byName.getOrDefault(name, List.of()).stream())
                .map(series -> series.label("node"))
                .filter(name -> !name.isEmpty())
                .findFirst()
                .orElse(instance);
        Map<String, String> models = byName.getOrDefault("gpu_info", List.of()).stream()
                .collect(Collectors.toMap(gpu -> gpu.label("uuid"), gpu -> gpu.label("model"), (a, b) -> b));
        return new Agent(target.get(0).label("job"), instance, node, models);
    }

    /** All labels of {@code gpu_workload_info}, by the nine labels that identify a workload. */
    Map<Map<String, String>, Map<String, String>> labels(PrometheusClient client, Slice range) throws IOException {
        Map<Map<String, String>, Map<String, String>> labels = new HashMap<>();
        client.series(
                series("gpu_workload_info"), range, series -> labels.put(Books.identity(series), series.labels()));
        return labels;
    }

    /** A selector of the agent's series whose names match. */
    String series(String names) {
        return "{__name__=~%s,job=%s,instance=%s}".formatted(quoted(names), quoted(job), quoted(instance));
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
