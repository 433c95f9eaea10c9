package io.gpuagent.device;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How busy processes kept a GPU since it was read the time before. A process that ended meanwhile may be among them.
 *
 * @param smRatios by pid, the share of the time in which a kernel of the process ran, 0 to 1; who is missing was idle
 * @param unknown the pids for which the driver told nothing that can be true
 */
public record ProcessUtilization(Map<Integer, Double> smRatios, Set<Integer> unknown) {

    /** Nobody used the GPU. */
    public static final ProcessUtilization IDLE = new ProcessUtilization(Map.of(), Set.of());

    public ProcessUtilization {
        smRatios = Map.copyOf(smRatios);
        unknown = Set.copyOf(unknown);
    }

    /** The share of one process; null if it is not known. */
    public @Nullable Double smRatio(int pid) {
        return unknown.contains(pid) ? null : smRatios.getOrDefault(pid, 0.0);
    }
}
