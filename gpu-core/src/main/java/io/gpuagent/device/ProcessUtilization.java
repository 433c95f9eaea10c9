package io.gpuagent.device;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The utilization of a GPU per process since the previous read. It may include processes that have exited in the
 * meantime.
 *
 * @param ratios by pid, the fraction of time, 0 to 1, during which the process kept each engine busy. A missing process
 *     was idle. A missing engine of a process means that the driver reported no plausible value
 */
public record ProcessUtilization(Map<Integer, Map<Engine, Double>> ratios) {

    /** The utilization of a GPU that no process used. */
    public static final ProcessUtilization IDLE = new ProcessUtilization(Map.of());

    private static final Map<Engine, Double> NOTHING =
            Arrays.stream(Engine.values()).collect(Collectors.toUnmodifiableMap(engine -> engine, engine -> 0.0));

    public ProcessUtilization {
        ratios = ratios.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> Map.copyOf(entry.getValue())));
    }

    /** The known ratios of one process. */
    public Map<Engine, Double> of(int pid) {
        return Objects.requireNonNull(ratios.getOrDefault(pid, NOTHING));
    }

    /** The fraction of time during which a process ran a kernel; null if unknown. */
    public @Nullable Double smRatio(int pid) {
        return of(pid).get(Engine.SM);
    }

    /**
     * The fraction of time during which each process ran a kernel, by pid. Processes without a known value are left
     * out.
     */
    public Map<Integer, Double> smRatios() {
        return ratios.entrySet().stream()
                .filter(entry -> entry.getValue().containsKey(Engine.SM))
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey,
                        entry -> Objects.requireNonNull(entry.getValue().get(Engine.SM))));
    }
}
