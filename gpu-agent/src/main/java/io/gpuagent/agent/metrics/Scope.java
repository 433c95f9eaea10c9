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
 * What families have a line for each of: a GPU, a workload on it, a process of that.
 *
 * @param labels the labels' names
 * @param lines of a snapshot
 */
record Scope<T>(List<String> labels, Function<Snapshot, Stream<Line<T>>> lines) {

    /** The snapshot as a whole, for lines without labels. */
    static final Scope<Snapshot> WHOLE = new Scope<>(List.of(), snapshot -> Stream.of(new Line<>(List.of(), snapshot)));

    /** One of what the scope is of, and its labels' values. */
    record Line<T>(List<String> values, T subject) {}

    /** What there is in each of these, with no other labels. */
    <P> Scope<P> each(Function<T, Stream<P>> parts) {
        return each(parts, List.of(), part -> List.of());
    }

    /** What there is in each of these, with labels of its own after theirs. */
    <P> Scope<P> each(Function<T, Stream<P>> parts, List<String> more, Function<P, List<String>> values) {
        return new Scope<>(
                concat(labels, more),
                snapshot -> lines.apply(snapshot)
                        .flatMap(line -> parts.apply(line.subject())
                                .map(part -> new Line<>(concat(line.values(), values.apply(part)), part))));
    }

    /** These with more labels. */
    Scope<T> with(List<String> more, Function<T, List<String>> values) {
        return each(Stream::of, more, values);
    }

    /** These and others that have the same labels. */
    Scope<T> and(Scope<T> others) {
        return new Scope<>(labels, snapshot -> Stream.concat(lines.apply(snapshot), others.lines.apply(snapshot)));
    }

    /** A family without a line where there is no value. Should two lines have the same labels, the first one counts. */
    Family gauge(String name, String help, Function<T, ? extends @Nullable Number> value) {
        return family(name, Type.GAUGE, help, value, (first, second) -> first);
    }

    /** A gauge whose lines add up where their labels are alike. */
    Family summed(String name, String help, Function<T, ? extends @Nullable Number> value) {
        return family(name, Type.GAUGE, help, value, Double::sum);
    }

    Family counter(String name, String help, Function<T, ? extends @Nullable Number> value) {
        return family(name, Type.COUNTER, help, value, (first, second) -> first);
    }

    /** A family that tells by its labels. */
    Family info(String name, String help) {
        return family(name, Type.INFO, help, subject -> 1, (first, second) -> first);
    }

    private Family family(
            String name,
            Type type,
            String help,
            Function<T, ? extends @Nullable Number> value,
            BinaryOperator<Double> merge) {
        return new Family(name, type, help, labels, snapshot -> {
            Map<List<String>, Double> distinct = new LinkedHashMap<>();
            lines.apply(snapshot).forEach(line -> {
                Number number = value.apply(line.subject());
                if (number != null) {
                    distinct.merge(encodable(line.values()), number.doubleValue(), merge);
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

    /** The values as they come out of UTF-8, so that two that look alike on the page are alike here. */
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

    /** Only halves of characters do not survive UTF-8. */
    private static boolean holdsSurrogates(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (Character.isSurrogate(value.charAt(i))) {
                return true;
            }
        }
        return false;
    }
}
