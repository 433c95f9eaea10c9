package io.gpuagent.device;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How busy processes kept a GPU since it was read the time before. A process that ended meanwhile may be among them.
 *
 * @param ratios by pid, the share of the time in which the process kept each part busy, 0 to 1; a process that is missing was idle, a part
 *     that is missing of a process is one of which the driver told nothing that can be true
 */
public record ProcessUtilization(Map<Integer, Map<Engine, Double>> ratios) {

    /** Nobody used the GPU. */
    public static final ProcessUtilization IDLE = new ProcessUtilization(Map.of());

    private static final Map<Engine, Double> NOTHING =
            Arrays.stream(Engine.values()).collect(Collectors.toUnmodifiableMap(engine -> engine, engine -> 0.0));

    public ProcessUtilization {
        ratios = ratios.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> Map.copyOf(entry.getValue())));
    }

    /** What is known of one process. */
    public Map<Engine, Double> of(int pid) {
        return Objects.requireNonNull(ratios.getOrDefault(pid, NOTHING));
    }

    /** The share in which one process ran a kernel; null if it is not known. */
    public @Nullable Double smRatio(int pid) {
        return of(pid).get(Engine.SM);
    }

    /** The shares in which processes ran kernels, by pid: of those who are known to have run any. */
    public Map<Integer, Double> smRatios() {
        return ratios.entrySet().stream()
                .filter(entry -> entry.getValue().containsKey(Engine.SM))
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey,
                        entry -> Objects.requireNonNull(entry.getValue().get(Engine.SM))));
    }
}
