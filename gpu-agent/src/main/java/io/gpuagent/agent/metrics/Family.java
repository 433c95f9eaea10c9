package io.gpuagent.agent.metrics;

import io.gpuagent.usage.DurationHistogram;
import io.gpuagent.usage.Snapshot;
import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.prometheus.client.Collector.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A metric family: a row of the table that makes the page, and the README's list of metrics.
 *
 * @param name the exposed name, with {@code _total} or {@code _info}
 * @param samples the family's samples of a snapshot, no two of them with the same labels
 */
record Family(String name, Type type, String help, List<String> labels, Function<Snapshot, List<Sample>> samples) {

    /** A line of a family: the labels' values in the family's order. */
    record Row(List<String> values, double value) {

        static Row of(double value, String... values) {
            return new Row(List.of(values), value);
        }

        static Row of(double value, List<String> head, String... tail) {
            return new Row(concat(head, tail), value);
        }
    }

    static List<String> concat(List<String> head, String... tail) {
        List<String> all = new ArrayList<>(head.size() + tail.length);
        all.addAll(head);
        Collections.addAll(all, tail);
        return Collections.unmodifiableList(all);
    }

    /** A family whose rows are distinct; should two be alike nevertheless, the first one counts. */
    static Family of(String name, Type type, String help, List<String> labels, Function<Snapshot, Stream<Row>> rows) {
        return merging((first, second) -> first, name, type, help, labels, rows);
    }

    /** A family whose rows add up where their labels are alike. */
    static Family summed(String name, String help, List<String> labels, Function<Snapshot, Stream<Row>> rows) {
        return merging(Double::sum, name, Type.GAUGE, help, labels, rows);
    }

    static Family histogram(String name, String help, Function<Snapshot, DurationHistogram> durations) {
        return new Family(name, Type.HISTOGRAM, help, List.of(), snapshot -> buckets(name, durations.apply(snapshot)));
    }

    /** What the client library calls the family; it leaves out the suffixes that belong to the samples. */
    MetricFamilySamples collect(Snapshot snapshot) {
        return family(samples.apply(snapshot));
    }

    MetricFamilySamples describe() {
        return family(List.of());
    }

    private MetricFamilySamples family(List<Sample> lines) {
        String base = type == Type.INFO ? name.substring(0, name.length() - "_info".length()) : name;
        return new MetricFamilySamples(base, type, help, lines);
    }

    private static Family merging(
            BinaryOperator<Double> merge,
            String name,
            Type type,
            String help,
            List<String> labels,
            Function<Snapshot, Stream<Row>> rows) {
        return new Family(name, type, help, labels, snapshot -> {
            Map<List<String>, Double> distinct = new LinkedHashMap<>();
            rows.apply(snapshot).forEach(row -> distinct.merge(encodable(row.values()), row.value(), merge));
            List<Sample> lines = new ArrayList<>(distinct.size());
            distinct.forEach((values, value) -> lines.add(new Sample(name, labels, values, value)));
            return lines;
        });
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

    private static List<Sample> buckets(String name, DurationHistogram durations) {
        List<Sample> lines = new ArrayList<>();
        for (int i = 0; i < durations.counts().size(); i++) {
            double bound = i < DurationHistogram.BOUNDS.size()
                    ? seconds(DurationHistogram.BOUNDS.get(i))
                    : Double.POSITIVE_INFINITY;
            lines.add(new Sample(
                    name + "_bucket",
                    List.of("le"),
                    List.of(Collector.doubleToGoString(bound)),
                    durations.counts().get(i)));
        }
        lines.add(new Sample(name + "_count", List.of(), List.of(), durations.count()));
        lines.add(new Sample(name + "_sum", List.of(), List.of(), seconds(durations.sum())));
        return lines;
    }

    static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    /** Unix time. */
    static double seconds(Instant instant) {
        return instant.getEpochSecond() + instant.getNano() / 1e9;
    }
}
