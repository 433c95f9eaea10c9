package io.gpuagent.device;

import java.util.List;

/**
 * One number reported by a GPU.
 *
 * @param labels the label values, in the order of {@link DeviceMetric#labels()}
 * @param value the value in the metric's unit
 */
public record Reading(DeviceMetric metric, List<String> labels, double value) {

    public Reading {
        labels = List.copyOf(labels);
        if (labels.size() != metric.labels().size()) {
            throw new IllegalArgumentException(metric + " has the labels " + metric.labels() + ", not " + labels);
        }
    }

    public Reading(DeviceMetric metric, double value) {
        this(metric, List.of(), value);
    }
}
