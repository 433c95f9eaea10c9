package io.gpuagent.simulation;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.Engine;
import io.gpuagent.device.ProcessUtilization;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How busy a scenario's processes keep a device, and the energy that its power comes to. */
final class SimulatedWork {

    private static final double MOST_PERCENT = 100;
    private static final Quantity IDLE = new Quantity(0, 0, Duration.ZERO);

    private SimulatedWork() {}

    /** Whether the scenario says of any process on the device, at any time, how busy it keeps it. */
    static boolean tellsUtilization(World.Moment moment, int device) {
        return moment.all(Scenario::procs).stream()
                .anyMatch(proc -> proc.device() == device && !proc.percents().isEmpty());
    }

    /**
     * Lines of one process are samples of it; what such a line leaves out is 0.
     *
     * @param rejections gets a reason for each value that cannot be
     */
    static ProcessUtilization utilization(World.Moment moment, int device, List<String> rejections) {
        Map<Integer, List<Scenario.Proc>> samples = moment.holding(Scenario::procs).stream()
                .filter(proc -> proc.device() == device && !proc.percents().isEmpty())
                .collect(Collectors.groupingBy(Scenario.Proc::pid));
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

    private static OptionalDouble mean(
            List<Scenario.Proc> lines, Engine engine, Duration time, List<String> rejections) {
        double[] possible = lines.stream()
                .mapToDouble(line -> line.percents().getOrDefault(engine, IDLE).at(time))
                .filter(percent -> percent >= 0 && percent <= MOST_PERCENT)
                .toArray();
        rejections.addAll(Collections.nCopies(lines.size() - possible.length, "over_range"));
        return Arrays.stream(possible).average();
    }

    /** The device's counter in millijoules; null if it has neither a counter nor a power. */
    static @Nullable Long energyMillijoules(World.Moment moment, int device) {
        List<Scenario.Device> lines = moment.all(Scenario::devices).stream()
                .filter(line -> line.index() == device)
                .toList();
        Optional<Double> base = last(moment, lines, Scenario.Device::energy, moment.time());
        if (base.isEmpty()
                && last(moment, lines, SimulatedWork::power, moment.time()).isEmpty()) {
            return null;
        }
        Optional<Duration> reset = last(moment, lines, Scenario.Device::energyReset, moment.time())
                .filter(time -> time.compareTo(moment.time()) <= 0);
        double joules = reset.isPresent() ? 0 : base.orElse(0.0);
        return (long) (1000 * (joules + joules(moment, lines, reset.orElse(Duration.ZERO))));
    }

    private static double joules(World.Moment moment, List<Scenario.Device> lines, Duration since) {
        double sum = 0;
        Duration time = since;
        while (time.compareTo(moment.time()) < 0) {
            Duration end = moment.nextChange(lines, time)
                    .filter(change -> change.compareTo(moment.time()) < 0)
                    .orElse(moment.time());
            Duration begin = time;
            sum += last(moment, lines, SimulatedWork::power, time)
                    .map(power -> power.integral(end) - power.integral(begin))
                    .orElse(0.0);
            time = end;
        }
        return sum;
    }

    private static @Nullable Quantity power(Scenario.Device line) {
        return line.readings().get(new SimulatedReading(DeviceMetric.POWER, List.of()));
    }

    private static <T> Optional<T> last(
            World.Moment moment,
            List<Scenario.Device> lines,
            Function<Scenario.Device, @Nullable T> value,
            Duration time) {
        return moment.holding(lines, time).stream()
                .map(value)
                .filter(Objects::nonNull)
                .reduce((one, other) -> other);
    }
}
