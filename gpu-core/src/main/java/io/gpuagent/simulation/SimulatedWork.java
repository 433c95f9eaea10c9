package io.gpuagent.simulation;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.ProcessUtilization;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How busy a scenario's processes keep a device, and the energy that its power comes to. */
final class SimulatedWork {

    private static final double MOST_PERCENT = 100;

    private SimulatedWork() {}

    /** Whether the scenario says of any process on the device, at any time, how busy it keeps it. */
    static boolean tellsUtilization(World.Moment moment, int device) {
        return moment.all(Scenario::procs).stream()
                .anyMatch(proc -> proc.device() == device && proc.smPercent() != null);
    }

    /** Lines of one process are samples of it. */
    static ProcessUtilization utilization(World.Moment moment, int device) {
        Map<Integer, List<Double>> percents = moment.holding(Scenario::procs).stream()
                .filter(proc -> proc.device() == device && proc.smPercent() != null)
                .collect(Collectors.groupingBy(
                        Scenario.Proc::pid,
                        Collectors.mapping(
                                proc -> Objects.requireNonNull(proc.smPercent()).at(moment.time()),
                                Collectors.toList())));
        Set<Integer> unknown = new HashSet<>(percents.keySet());
        Map<Integer, Double> ratios = percents.entrySet().stream()
                .filter(entry -> entry.getValue().stream().anyMatch(SimulatedWork::isPossible))
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> mean(entry.getValue())));
        unknown.removeAll(ratios.keySet());
        return new ProcessUtilization(ratios, unknown);
    }

    private static boolean isPossible(double percent) {
        return percent >= 0 && percent <= MOST_PERCENT;
    }

    private static double mean(List<Double> percents) {
        return percents.stream()
                        .filter(SimulatedWork::isPossible)
                        .mapToDouble(Double::doubleValue)
                        .average()
                        .orElse(0)
                / MOST_PERCENT;
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
