package io.gpuagent.nvml;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.Reading;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Completes a device's NVLink traffic. Blackwell GPUs refuse the fields with the totals, and some drivers return 0 for
 * every single link while the totals grow.
 */
final class LinkTotals {

    /** The total of all links for each metric of a single link. */
    private static final Map<DeviceMetric, DeviceMetric> TOTALS = Map.of(
            DeviceMetric.NVLINK_LINK_RECEIVE, DeviceMetric.NVLINK_RECEIVE,
            DeviceMetric.NVLINK_LINK_TRANSMIT, DeviceMetric.NVLINK_TRANSMIT);

    /**
     * The last value of each link. A link that is down reports none, and the sum would otherwise drop like a counter
     * that was reset.
     */
    private final Map<DeviceMetric, Map<String, Double>> last = new EnumMap<>(DeviceMetric.class);

    static boolean isOfOneLink(DeviceMetric metric) {
        return TOTALS.containsKey(metric);
    }

    /** Adds the missing totals as the sum of the links, and removes the links if their zeros contradict the total. */
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
