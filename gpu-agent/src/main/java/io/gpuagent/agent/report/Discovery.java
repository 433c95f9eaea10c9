package io.gpuagent.agent.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which agents the server knows of, and what is known of their nodes and workloads. */
final class Discovery {

    private record Key(String job, String instance) {}

    private final PrometheusClient client;
    private final Slice range;

    Discovery(PrometheusClient client, Slice range) {
        this.client = client;
        this.range = range;
    }

    /** A node is called by the label {@code node} of its page, else as {@code gpu_node_info} has it, else by its instance. */
    List<Agent> agents() throws IOException {
        Map<String, String> own = new HashMap<>();
        Map<String, String> told = new HashMap<>();
        Map<String, Map<String, String>> models = new HashMap<>();
        Map<String, Key> keys = new TreeMap<>();
        client.series("{__name__=~\"gpu_agent_up|gpu_node_info|gpu_info\"}", range, series -> {
            Key key = new Key(series.label("job"), series.label("instance"));
            String agent = key.instance + "\n" + key.job;
            switch (series.name()) {
                case "gpu_agent_up" -> {
                    keys.put(agent, key);
                    own.merge(agent, series.label("node"), (a, b) -> a.isEmpty() ? b : a);
                }
                case "gpu_node_info" -> told.put(agent, series.label("node"));
                default ->
                    models.computeIfAbsent(agent, any -> new HashMap<>())
                            .put(series.label("uuid"), series.label("model"));
            }
        });
        List<Agent> agents = new ArrayList<>();
        keys.forEach((agent, key) -> agents.add(new Agent(
                key.job,
                key.instance,
                first(own.getOrDefault(agent, ""), told.getOrDefault(agent, ""), key.instance),
                models.getOrDefault(agent, Map.of()))));
        return agents;
    }

    private static String first(String a, String b, String c) {
        return !a.isEmpty() ? a : !b.isEmpty() ? b : c;
    }

    /** What {@code gpu_workload_info} tells beside the nine labels, by them. */
    Map<Map<String, String>, Map<String, String>> labels(Agent agent) throws IOException {
        Map<Map<String, String>, Map<String, String>> labels = new HashMap<>();
        client.series(
                agent.series("gpu_workload_info"),
                range,
                series -> labels.put(Books.identity(series), series.labels()));
        return labels;
    }
}
