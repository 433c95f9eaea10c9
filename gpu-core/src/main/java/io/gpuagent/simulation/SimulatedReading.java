package io.gpuagent.simulation;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.MetricGroup;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A reading that a scenario can set. Its key consists of the metric's name and the label values, separated by dots. */
record SimulatedReading(DeviceMetric metric, List<String> labels) {

    static final Attribute<Waveform> POWER = new SimulatedReading(DeviceMetric.POWER, List.of()).attribute();

    private static final Map<String, DeviceMetric> ALIASES = Map.of(
            "util", DeviceMetric.UTILIZATION,
            "mem_util", DeviceMetric.MEMORY_UTILIZATION,
            "temp", DeviceMetric.TEMPERATURE);

    private static final Map<String, DeviceMetric> BY_STEM = Arrays.stream(DeviceMetric.values())
            .filter(metric -> metric != DeviceMetric.MIG_MODE) // the attribute mig sets it
            .collect(Collectors.toMap(DeviceMetric::stem, Function.identity()));

    static Optional<SimulatedReading> of(String key) {
        List<String> parts = List.of(key.split("\\.", -1));
        DeviceMetric metric = ALIASES.getOrDefault(key, BY_STEM.get(parts.get(0)));
        return metric == null || metric.labels().size() != parts.size() - 1
                ? Optional.empty()
                : Optional.of(new SimulatedReading(metric, parts.subList(1, parts.size())));
    }

    /**
     * The readings that the statements about a device set. If several statements set a reading, the last one is used.
     */
    static Map<SimulatedReading, Waveform> all(List<Statement> statements) {
        Map<SimulatedReading, Waveform> readings = new LinkedHashMap<>();
        for (Statement statement : statements) {
            statement
                    .values()
                    .forEach((key, value) -> of(key).ifPresent(reading -> readings.put(reading, (Waveform) value)));
            Boolean on = statement.get(Attribute.MIG);
            if (on != null) {
                double mode = on ? 1 : 0;
                readings.put(
                        new SimulatedReading(DeviceMetric.MIG_MODE, List.of()),
                        new Waveform(mode, mode, Duration.ZERO));
            }
        }
        return readings;
    }

    String key() {
        return metric.stem() + labels.stream().map(label -> "." + label).collect(Collectors.joining());
    }

    Attribute<Waveform> attribute() {
        return new Attribute<>(key(), this::parse);
    }

    /** Parses a value: a size, a percentage, megahertz, or a number in the metric's unit. */
    private Waveform parse(String text) {
        return switch (metric.unit()) {
            case BYTES, BYTES_PER_SECOND -> Waveform.size(text);
            case RATIO -> Waveform.number(text).times(0.01);
            case HERTZ -> Waveform.number(text).times(metric.group() == MetricGroup.CLOCKS ? 1e6 : 1);
            default -> Waveform.number(text);
        };
    }
}
