package io.gpuagent.device;

import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which values a backend asks its GPUs for.
 *
 * @param slowEvery the time between two readings of what is {@link DeviceMetric.Tier#SLOW}
 */
public record MetricSelection(Set<MetricGroup> groups, Duration slowEvery) {

    /** What is asked for where nothing else is said. */
    public static final MetricSelection USUAL = new MetricSelection(
            Arrays.stream(MetricGroup.values()).filter(MetricGroup::byDefault).collect(Collectors.toUnmodifiableSet()),
            Duration.ofSeconds(15));

    public MetricSelection {
        groups = Set.copyOf(groups);
    }

    public MetricSelection withGroups(Set<MetricGroup> groups) {
        return new MetricSelection(groups, slowEvery);
    }

    public boolean includes(DeviceMetric metric) {
        return metric.group() == MetricGroup.BASIC || groups.contains(metric.group());
    }
}
