package io.gpuagent.agent.metrics;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Maps the keys of exported container labels to metric label names: {@code label_} and the key, with every invalid character replaced
 * by an underscore. Keys that would map to the same name are numbered, {@code label_a_b_conflict1}, {@code label_a_b_conflict2}, as in
 * kube-state-metrics.
 *
 * @param names metric label names by key, in the order of the metric's labels
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

    /** A container's label values, in the order of {@link #names}; an empty string for a label that it lacks. */
    List<String> values(Map<String, String> labels) {
        return names.keySet().stream().map(key -> labels.getOrDefault(key, "")).toList();
    }
}
