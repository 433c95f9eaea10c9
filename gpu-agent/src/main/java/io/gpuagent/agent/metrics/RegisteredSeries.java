package io.gpuagent.agent.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.prometheus.client.Collector.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The series that a Micrometer registry has a meter for. Not thread-safe, except that meters may be read at any time. */
final class RegisteredSeries {

    /** A family and its samples of one snapshot. */
    record Evaluated(Family family, List<Sample> samples) {}

    private record Key(String family, List<String> labelValues) {}

    /**
     * A meter and its value. Holds a strong reference to the value, because function counters and timers only hold a
     * weak one.
     */
    private record Registered(Value value, Meter meter) {}

    /** The current value of a meter. One thread sets it; scraping threads read it. */
    private static final class Value {

        private volatile double number;
        private volatile long count;

        private double number() {
            return number;
        }

        private long count() {
            return count;
        }
    }

    private final MeterRegistry registry;
    private final Map<Key, Registered> series = new HashMap<>();

    RegisteredSeries(MeterRegistry registry) {
        this.registry = registry;
    }

    boolean in(MeterRegistry other) {
        return registry == other;
    }

    boolean isClosed() {
        return registry.isClosed();
    }

    /** Registers meters for new series, removes those of ended series and updates all others. */
    void show(List<Evaluated> families) {
        Set<Key> present = new HashSet<>();
        for (Evaluated evaluated : families) {
            Family family = evaluated.family();
            if (family.type() == Type.HISTOGRAM) {
                present.add(showDurations(family, evaluated.samples()));
            } else {
                evaluated.samples().forEach(sample -> present.add(show(family, sample)));
            }
        }
        series.entrySet().removeIf(entry -> {
            boolean ended = !present.contains(entry.getKey());
            if (ended) {
                registry.remove(entry.getValue().meter());
            }
            return ended;
        });
    }

    void removeAll() {
        show(List.of());
    }

    private Key show(Family family, Sample sample) {
        Key key = new Key(family.name(), sample.labelValues);
        Registered known = series.get(key);
        Value value = known == null ? new Value() : known.value();
        value.number = sample.value;
        if (known == null) {
            series.put(key, new Registered(value, register(family, tags(sample), value)));
        }
        return key;
    }

    private Key showDurations(Family family, List<Sample> samples) {
        Key key = new Key(family.name(), List.of());
        Registered known = series.get(key);
        Value value = known == null ? new Value() : known.value();
        for (Sample sample : samples) {
            if (sample.name.endsWith("_count")) {
                value.count = (long) sample.value;
            } else if (sample.name.endsWith("_sum")) {
                value.number = sample.value;
            }
        }
        if (known == null) {
            series.put(key, new Registered(value, register(family, List.of(), value)));
        }
        return key;
    }

    private Meter register(Family family, List<Tag> tags, Value value) {
        return switch (family.type()) {
            case COUNTER ->
                FunctionCounter.builder(name(family, "_total"), value, Value::number)
                        .description(family.help())
                        .tags(tags)
                        .register(registry);
            case HISTOGRAM ->
                FunctionTimer.builder(name(family, "_seconds"), value, Value::count, Value::number, TimeUnit.SECONDS)
                        .description(family.help())
                        .tags(tags)
                        .register(registry);
            default ->
                Gauge.builder(name(family, ""), value, Value::number)
                        .description(family.help())
                        .tags(tags)
                        .register(registry);
        };
    }

    /**
     * Returns the family's name in Micrometer's notation. The suffix is removed, because Micrometer's naming convention for Prometheus appends
     * it again. A gauge whose name ends in {@code .info} becomes an info metric in Prometheus.
     */
    private static String name(Family family, String suffix) {
        String name = family.name();
        return name.substring(0, name.length() - suffix.length()).replace('_', '.');
    }

    private static List<Tag> tags(Sample sample) {
        List<Tag> tags = new ArrayList<>(sample.labelNames.size());
        for (int i = 0; i < sample.labelNames.size(); i++) {
            tags.add(Tag.of(sample.labelNames.get(i), sample.labelValues.get(i)));
        }
        return tags;
    }
}
