package io.gpuagent.agent.metrics;

import io.gpuagent.usage.DurationHistogram;
import io.gpuagent.usage.Snapshot;
import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.prometheus.client.Collector.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A metric family: a row of the table that defines the metrics page and the documented list of metrics.
 *
 * @param name the exposed name, with the suffix {@code _total} or {@code _info}
 * @param samples returns the family's samples of a snapshot; no two have the same labels
 */
record Family(String name, Type type, String help, List<String> labels, Function<Snapshot, List<Sample>> samples) {

    static Family histogram(String name, String help, Function<Snapshot, DurationHistogram> durations) {
        return new Family(name, Type.HISTOGRAM, help, List.of(), snapshot -> buckets(name, durations.apply(snapshot)));
    }

    /** The family as the client library represents it, without the suffixes that belong to the samples. */
    MetricFamilySamples collect(Snapshot snapshot) {
        return family(samples.apply(snapshot));
    }

    MetricFamilySamples describe() {
        return family(List.of());
    }

    private MetricFamilySamples family(List<Sample> values) {
        String base = type == Type.INFO ? name.substring(0, name.length() - "_info".length()) : name;
        return new MetricFamilySamples(base, type, help, values);
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

    /** Converts to Unix time in seconds. */
    static double seconds(Instant instant) {
        return instant.getEpochSecond() + instant.getNano() / 1e9;
    }
}
