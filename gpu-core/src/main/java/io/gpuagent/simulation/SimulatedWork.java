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

/** The per-process utilization of a simulated device. */
final class SimulatedWork {

    private static final double MAX_PERCENT = 100;
    private static final Waveform IDLE = new Waveform(0, 0, Duration.ZERO);

    private SimulatedWork() {}

    /**
     * Averages the statements of each process, which are samples of it; a missing attribute is 0. Null if no statement
     * about the device ever sets a utilization.
     *
     * @param rejections receives a reason for each implausible value
     */
    static @Nullable ProcessUtilization utilization(
            RunningScenario.Moment moment, int device, List<String> rejections) {
        if (moment.scenario().all(StatementType.PROC).stream().noneMatch(process -> hasUtilization(process, device))) {
            return null;
        }
        Map<Integer, List<Statement>> samples = moment.active(StatementType.PROC).stream()
                .filter(process -> hasUtilization(process, device))
                .collect(Collectors.groupingBy(process -> process.get(Attribute.PID, 0)));
        Map<Integer, Map<Engine, Double>> ratios = new HashMap<>();
        samples.forEach((pid, statements) -> {
            Map<Engine, Double> known = new EnumMap<>(Engine.class);
            for (Engine engine : Engine.values()) {
                mean(statements, engine, moment.time(), rejections)
                        .ifPresent(percent -> known.put(engine, percent / 100));
            }
            ratios.put(pid, known);
        });
        return new ProcessUtilization(ratios);
    }

    private static boolean hasUtilization(Statement process, int device) {
        return process.device() == device
                && Arrays.stream(Engine.values()).anyMatch(engine -> process.get(Attribute.percent(engine)) != null);
    }

    private static OptionalDouble mean(
            List<Statement> statements, Engine engine, Duration time, List<String> rejections) {
        double[] plausible = statements.stream()
                .mapToDouble(statement ->
                        statement.get(Attribute.percent(engine), IDLE).at(time))
                .filter(percent -> percent >= 0 && percent <= MAX_PERCENT)
                .toArray();
        rejections.addAll(Collections.nCopies(statements.size() - plausible.length, "over_range"));
        return Arrays.stream(plausible).average();
    }
}
