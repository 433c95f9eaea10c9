package io.gpuagent.agent.metrics;

import io.gpuagent.usage.Snapshot;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.prometheus.client.Collector.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The items of a snapshot, such as GPUs, workloads or processes, with their labels. A metric family has one series per item.
 *
 * @param labels the label names
 * @param items returns the items of a snapshot
 */
record LabelledItems<T>(List<String> labels, Function<Snapshot, Stream<Item<T>>> items) {

    /** The snapshot itself as the only item, without labels. */
    static final LabelledItems<Snapshot> SNAPSHOT =
            new LabelledItems<>(List.of(), snapshot -> Stream.of(new Item<>(List.of(), snapshot)));

    /** An item and its label values. */
    record Item<T>(List<String> labelValues, T element) {}

    /** Replaces each item by its parts, such as a GPU by its processes. Each part has the labels of its item. */
    <P> LabelledItems<P> each(Function<T, Stream<P>> parts) {
        return each(parts, List.of(), part -> List.of());
    }

    /** Replaces each item by its parts. Each part has the labels of its item, followed by labels of its own. */
    <P> LabelledItems<P> each(Function<T, Stream<P>> parts, List<String> more, Function<P, List<String>> values) {
        return new LabelledItems<>(
                concat(labels, more),
                snapshot -> items.apply(snapshot)
                        .flatMap(item -> parts.apply(item.element())
                                .map(part -> new Item<>(concat(item.labelValues(), values.apply(part)), part))));
    }

    /** These items with additional labels. */
    LabelledItems<T> with(List<String> more, Function<T, List<String>> values) {
        return each(Stream::of, more, values);
    }

    /** These items and others with the same label names. */
    LabelledItems<T> and(LabelledItems<T> others) {
        return new LabelledItems<>(
                labels, snapshot -> Stream.concat(items.apply(snapshot), others.items.apply(snapshot)));
    }

    /** A gauge. An item whose value is null has no series. If several items have the same label values, the first one is used. */
    Family gauge(String name, String help, Function<T, ? extends @Nullable Number> value) {
        return family(name, Type.GAUGE, help, value, (first, second) -> first);
    }

    /** A gauge that sums the values of items with the same label values. */
    Family summed(String name, String help, Function<T, ? extends @Nullable Number> value) {
        return family(name, Type.GAUGE, help, value, Double::sum);
    }

    Family counter(String name, String help, Function<T, ? extends @Nullable Number> value) {
        return family(name, Type.COUNTER, help, value, (first, second) -> first);
    }

    /** An info metric: its labels carry the information, its value is 1. */
    Family info(String name, String help) {
        return family(name, Type.INFO, help, element -> 1, (first, second) -> first);
    }

    private Family family(
            String name,
            Type type,
            String help,
            Function<T, ? extends @Nullable Number> value,
            BinaryOperator<Double> merge) {
        return new Family(name, type, help, labels, snapshot -> {
            Map<List<String>, Double> distinct = new LinkedHashMap<>();
            items.apply(snapshot).forEach(item -> {
                Number number = value.apply(item.element());
                if (number != null) {
                    distinct.merge(encodable(item.labelValues()), number.doubleValue(), merge);
                }
            });
            List<Sample> samples = new ArrayList<>(distinct.size());
            distinct.forEach((values, number) -> samples.add(new Sample(name, labels, values, number)));
            return samples;
        });
    }

    private static List<String> concat(List<String> head, List<String> tail) {
        return tail.isEmpty()
                ? head
                : Stream.concat(head.stream(), tail.stream()).toList();
    }

    /** The values after a round trip through UTF-8, so that values that are equal in the exposition are equal here. */
    private static List<String> encodable(List<String> values) {
        for (String value : values) {
            if (holdsSurrogates(value)) {
                return values.stream()
                        .map(each -> new String(each.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                        .toList();
            }
        }
        return values;
    }

    /** Checks for unpaired surrogates, the only characters that cannot be encoded in UTF-8. */
    private static boolean holdsSurrogates(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (Character.isSurrogate(value.charAt(i))) {
                return true;
            }
        }
        return false;
    }
}
