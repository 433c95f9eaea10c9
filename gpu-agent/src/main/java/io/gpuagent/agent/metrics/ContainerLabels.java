package io.gpuagent.agent.metrics;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The labels of containers that are exported, by their keys, and what each is called as a label of a metric: {@code label_} and the key
 * with an underscore for every character that such a name may not have. Keys that would be called the same are numbered,
 * {@code label_a_b_conflict1}, {@code label_a_b_conflict2}, as kube-state-metrics does; a number that would make it the name of yet
 * another key is left out.
 *
 * @param names by key, in the order of the metric's labels
 */
record ContainerLabels(Map<String, String> names) {

    ContainerLabels {
        names = Collections.unmodifiableMap(new LinkedHashMap<>(names));
    }

    static ContainerLabels of(List<String> keys) {
        Map<String, List<String>> keysByName = new LinkedHashMap<>();
        keys.stream()
                .distinct()
                .forEach(key -> keysByName
                        .computeIfAbsent("label_" + key.replaceAll("[^a-zA-Z0-9_]", "_"), name -> new ArrayList<>())
                        .add(key));
        Map<String, String> names = new LinkedHashMap<>();
        keysByName.forEach((name, same) -> {
            Iterator<String> free = same.size() == 1 ? List.of(name).iterator() : numbered(name, keysByName.keySet());
            same.forEach(key -> names.put(key, free.next()));
        });
        return new ContainerLabels(names);
    }

    private static Iterator<String> numbered(String name, Set<String> taken) {
        return IntStream.iterate(1, i -> i + 1)
                .mapToObj(i -> name + "_conflict" + i)
                .filter(numbered -> !taken.contains(numbered))
                .iterator();
    }

    /** A container's values in the order of the names; empty where it does not have the label. */
    List<String> values(Map<String, String> labels) {
        return names.keySet().stream().map(key -> labels.getOrDefault(key, "")).toList();
    }
}
