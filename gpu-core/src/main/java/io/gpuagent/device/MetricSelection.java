package io.gpuagent.device;

import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The device metrics that a backend reads.
 *
 * @param slowEvery the interval at which {@link DeviceMetric.Tier#SLOW} metrics are read
 */
public record MetricSelection(Set<MetricGroup> groups, Duration slowEvery) {

    /** The default groups and interval. */
    public static final MetricSelection DEFAULT = new MetricSelection(
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
