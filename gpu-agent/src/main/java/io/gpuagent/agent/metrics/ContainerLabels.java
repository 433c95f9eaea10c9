package io.gpuagent.agent.metrics;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The labels of containers that are exported, by their keys, and what each is called as a label of a metric: {@code label_} and the key
 * with an underscore for every character that such a name may not have. Keys that would be called the same are numbered,
 * {@code label_a_b_conflict1}, {@code label_a_b_conflict2}, as kube-state-metrics does.
 *
 * @param names by key, in the order of the metric's labels
 */
record ContainerLabels(Map<String, String> names) {

    ContainerLabels {
        names = Collections.unmodifiableMap(new LinkedHashMap<>(names));
    }

    static ContainerLabels of(List<String> keys) {
        Map<String, List<String>> keysByName = keys.stream()
                .distinct()
                .collect(Collectors.groupingBy(ContainerLabels::name, LinkedHashMap::new, Collectors.toList()));
        Map<String, String> names = new LinkedHashMap<>();
        keysByName.forEach((name, same) -> {
            int number = 0;
            for (String key : same) {
                String own = name;
                while (same.size() > 1 && keysByName.containsKey(own)) {
                    own = name + "_conflict" + ++number;
                }
                names.put(key, own);
            }
        });
        return new ContainerLabels(names);
    }

    private static String name(String key) {
        return "label_" + key.replaceAll("[^a-zA-Z0-9_]", "_");
    }

    /** A container's values in the order of the names; empty where it does not have the label. */
    List<String> values(Map<String, String> labels) {
        return names.keySet().stream().map(key -> labels.getOrDefault(key, "")).toList();
    }
}
