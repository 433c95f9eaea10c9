package io.gpuagent.simulation;

import io.gpuagent.device.Engine;
import io.gpuagent.device.ProcessUtilization;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The per-process utilization of a simulated device. */
final class SimulatedWork {

    private static final double MAX_PERCENT = 100;

    private SimulatedWork() {}

    /**
     * Returns the utilization per process. If several statements describe a process, they count as samples and are
     * averaged; a missing attribute is 0. Null if no statement about the device ever sets a utilization.
     *
     * @param rejections receives a reason for each implausible value
     */
    static @Nullable ProcessUtilization utilization(Moment moment, int device, List<String> rejections) {
        if (moment.scenario().all(StatementType.PROC, device).stream().noneMatch(SimulatedWork::hasUtilization)) {
            return null;
        }
        Map<Integer, Map<Engine, DoubleSummaryStatistics>> percents = new HashMap<>();
        for (Statement process : moment.active(StatementType.PROC, device)) {
            for (Engine engine : hasUtilization(process) ? Engine.values() : new Engine[0]) {
                Waveform percent = process.get(Attribute.percent(engine));
                double value = percent == null ? 0 : percent.at(moment.time());
                Map<Engine, DoubleSummaryStatistics> engines =
                        percents.computeIfAbsent(process.get(Attribute.PID, 0), unused -> new EnumMap<>(Engine.class));
                if (value >= 0 && value <= MAX_PERCENT) {
                    engines.computeIfAbsent(engine, unused -> new DoubleSummaryStatistics())
                            .accept(value);
                } else {
                    rejections.add("over_range");
                }
            }
        }
        Map<Integer, Map<Engine, Double>> ratios = new HashMap<>();
        percents.forEach((pid, engines) -> ratios.put(
                pid,
                engines.entrySet().stream()
                        .collect(Collectors.toMap(
                                Map.Entry::getKey, entry -> entry.getValue().getAverage() / 100))));
        return new ProcessUtilization(ratios);
    }

    private static boolean hasUtilization(Statement process) {
        return Arrays.stream(Engine.values()).anyMatch(engine -> process.get(Attribute.percent(engine)) != null);
    }
}
