package io.gpuagent.nvml;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.Reading;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reconciles a device's NVLink traffic per link with the totals of all links. Blackwell GPUs do not support the fields
 * with the totals, so the totals are computed. Some drivers return 0 for every single link although the totals grow;
 * these zeros are removed.
 */
final class LinkTotals {

    /** For each metric of a single link, the metric with the total of all links. */
    private static final Map<DeviceMetric, DeviceMetric> TOTALS = Map.of(
            DeviceMetric.NVLINK_LINK_RECEIVE, DeviceMetric.NVLINK_RECEIVE,
            DeviceMetric.NVLINK_LINK_TRANSMIT, DeviceMetric.NVLINK_TRANSMIT);

    /**
     * The last value of each link. A link that is down reports no value. If its last value were left out, the sum would
     * drop, which looks like a counter reset.
     */
    private final Map<DeviceMetric, Map<String, Double>> last = new EnumMap<>(DeviceMetric.class);

    static boolean isOfOneLink(DeviceMetric metric) {
        return TOTALS.containsKey(metric);
    }

    /**
     * Adds a total that is missing or 0 as the sum of the links. Removes the readings of the links if all are 0 but the
     * total is not.
     */
    void complete(List<Reading> readings) {
        TOTALS.forEach((link, total) -> complete(readings, link, total));
    }

    private void complete(List<Reading> readings, DeviceMetric link, DeviceMetric total) {
        Map<String, Double> links = last.computeIfAbsent(link, metric -> new HashMap<>());
        double known = 0;
        for (Reading reading : readings) {
            if (reading.metric() == link) {
                links.put(reading.labels().get(0), reading.value());
            } else if (reading.metric() == total) {
                known = reading.value();
            }
        }
        double sum = links.values().stream().mapToDouble(value -> value).sum();
        if (sum == 0 && known > 0) {
            readings.removeIf(reading -> reading.metric() == link);
        } else if (known == 0 && readings.stream().anyMatch(reading -> reading.metric() == link)) {
            readings.removeIf(reading -> reading.metric() == total);
            readings.add(new Reading(total, sum));
        }
    }
}
