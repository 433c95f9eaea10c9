package io.gpuagent.simulation;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.DeviceMetric.Unit;
import io.gpuagent.device.MetricGroup;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A series that a scenario can give a device. Its key is the metric's stem and the values of its labels, with dots between them. */
record SimulatedReading(DeviceMetric metric, List<String> labels) {

    private static final Map<String, DeviceMetric> SHORT = Map.of(
            "util", DeviceMetric.UTILIZATION,
            "mem_util", DeviceMetric.MEMORY_UTILIZATION,
            "temp", DeviceMetric.TEMPERATURE);

    private static final Map<String, DeviceMetric> BY_STEM = Arrays.stream(DeviceMetric.values())
            .filter(metric -> metric != DeviceMetric.MIG_MODE) // the key mig tells it
            .collect(Collectors.toMap(DeviceMetric::stem, Function.identity()));

    static Optional<SimulatedReading> of(String key) {
        List<String> parts = List.of(key.split("\\.", -1));
        DeviceMetric metric = SHORT.getOrDefault(key, BY_STEM.get(parts.get(0)));
        return metric == null || metric.labels().size() != parts.size() - 1
                ? Optional.empty()
                : Optional.of(new SimulatedReading(metric, parts.subList(1, parts.size())));
    }

    /** The value as it is written: a size, percent, megahertz, or a number of the metric's unit. */
    Quantity read(Statement line, String text) throws ScenarioException {
        if (metric.unit() == Unit.BYTES || metric.unit() == Unit.BYTES_PER_SECOND) {
            return Quantity.size(line, text);
        }
        Quantity number = Quantity.number(line, text);
        double unit = switch (metric.unit()) {
            case RATIO -> 0.01;
            case HERTZ -> metric.group() == MetricGroup.CLOCKS ? 1e6 : 1;
            default -> 1;
        };
        return new Quantity(number.from() * unit, number.to() * unit, number.period());
    }
}
