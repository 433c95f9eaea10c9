package io.gpuagent.simulation;

import io.gpuagent.device.Engine;
import io.gpuagent.device.ProcessUtilization;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How busy a scenario's processes keep a device. */
final class SimulatedWork {

    private static final double MOST_PERCENT = 100;
    private static final Waveform IDLE = new Waveform(0, 0, Duration.ZERO);

    private SimulatedWork() {}

    /**
     * Lines of one process are samples of it; what such a line leaves out is 0. Null if the scenario says of no process on the device, at
     * any time, how busy it keeps it.
     *
     * @param rejections gets a reason for each value that cannot be
     */
    static @Nullable ProcessUtilization utilization(RunningScenario.Moment moment, int device, List<String> rejections) {
        if (moment.scenario().all(StatementType.PROC).stream().noneMatch(proc -> tells(proc, device))) {
            return null;
        }
        Map<Integer, List<Statement>> samples = moment.holding(StatementType.PROC).stream()
                .filter(proc -> tells(proc, device))
                .collect(Collectors.groupingBy(proc -> proc.get(Attribute.PID, 0)));
        Map<Integer, Map<Engine, Double>> ratios = new HashMap<>();
        samples.forEach((pid, lines) -> {
            Map<Engine, Double> known = new EnumMap<>(Engine.class);
            for (Engine engine : Engine.values()) {
                mean(lines, engine, moment.time(), rejections).ifPresent(percent -> known.put(engine, percent / 100));
            }
            ratios.put(pid, known);
        });
        return new ProcessUtilization(ratios);
    }

    private static boolean tells(Statement proc, int device) {
        return proc.device() == device
                && Arrays.stream(Engine.values()).anyMatch(engine -> proc.get(Attribute.percent(engine)) != null);
    }

    private static OptionalDouble mean(List<Statement> lines, Engine engine, Duration time, List<String> rejections) {
        double[] possible = lines.stream()
                .mapToDouble(line -> line.get(Attribute.percent(engine), IDLE).at(time))
                .filter(percent -> percent >= 0 && percent <= MOST_PERCENT)
                .toArray();
        rejections.addAll(Collections.nCopies(lines.size() - possible.length, "over_range"));
        return Arrays.stream(possible).average();
    }
}
