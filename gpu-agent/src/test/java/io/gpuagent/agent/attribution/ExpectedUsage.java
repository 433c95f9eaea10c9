package io.gpuagent.agent.attribution;

import java.util.HashMap;
import java.util.Map;

/**
 * The values that the agent is expected to export for a node. A test records them while it creates the processes of the
 * node. Each map is for one metric family.
 */
final class ExpectedUsage {

    /** {@code gpu_workload_memory_bytes} by all labels that name a workload. */
    final Map<Map<String, String>, Double> memory = new HashMap<>();

    /** The expected series of {@code used_gpu_memory}. */
    final Map<Map<String, String>, Double> legacy = new HashMap<>();

    /** Image and container labels of {@code gpu_workload_info}, by container id. */
    final Map<String, Map<String, String>> details = new HashMap<>();

    /** {@code gpu_agent_unnamed_workloads} by reason. */
    final Map<String, Integer> unnamed = new HashMap<>();

    void add(long bytes, String kind, String name) {
        add(bytes, kind, name, "", "", "");
    }

    void addNamed(long bytes, String id, String name) {
        add(bytes, "container", name, "", name, id);
        addLegacy(bytes, id, name);
    }

    /** @param name used as the name of the namespace, the pod and the container */
    void addInPod(long bytes, String id, String name, String runtimeName) {
        add(bytes, "container", name + "/" + name + "/" + name, name, name, id);
        addLegacy(bytes, id, runtimeName);
    }

    void addPod(long bytes, String name) {
        add(bytes, "pod", name + "/" + name, name, "", "");
    }

    void addUnnamed(long bytes, String id, String reason) {
        add(bytes, "container", id.substring(0, 12), "", "", id);
        addLegacy(bytes, id, "");
        unnamed.merge(reason, 1, Integer::sum);
    }

    /** Adds a container whose name is its id. */
    void addMachine(long bytes, String id) {
        add(bytes, "container", id, "", id, id);
        addLegacy(bytes, id, "");
    }

    /** @param labels by the container's label keys */
    void details(String id, String image, Map<String, String> labels) {
        Map<String, String> values = new HashMap<>(Map.of("image", image));
        Map.of(
                        "app", "label_app",
                        "a.b", "label_a_b_conflict2",
                        "a-b", "label_a_b_conflict3",
                        "a_b", "label_a_b_conflict4",
                        "A.B", "label_A_B",
                        "app.kubernetes.io/name", "label_app_kubernetes_io_name",
                        "a_b_conflict1", "label_a_b_conflict1")
                .forEach((key, name) -> values.put(name, labels.getOrDefault(key, "")));
        details.put(id, values);
    }

    private void add(long bytes, String kind, String workload, String pod, String container, String id) {
        Map<String, String> labels = Map.of(
                "kind", kind,
                "workload", workload,
                "namespace", pod,
                "pod", pod,
                "container", container,
                "container_id", id);
        memory.merge(labels, (double) bytes, Double::sum);
    }

    private void addLegacy(long bytes, String id, String name) {
        Map<String, String> labels =
                Map.of("container_name", name, "container_id", id.substring(0, Math.min(12, id.length())));
        legacy.merge(labels, (double) bytes, Double::sum);
    }
}
