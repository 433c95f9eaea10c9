package io.gpuagent.device;

import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A process that the driver lists on a GPU.
 *
 * @param pid the pid in the host's pid namespace, whatever namespace the agent runs in (NVIDIA/nvidia-docker#1483)
 * @param memoryBytes the memory that the process holds; null if the driver does not report it
 * @param mig {@code GI:CI} of the MIG instance that the process runs on; empty without MIG
 */
public record GpuProcess(int pid, String mig, @Nullable Long memoryBytes, Set<Kind> kinds) {

    public GpuProcess {
        kinds = Set.copyOf(kinds);
    }

    /** The driver's process list that contains the process. */
    public enum Kind {
        COMPUTE("C"),
        GRAPHICS("G"),
        MPS("M");

        private final String letter;

        Kind(String letter) {
            this.letter = letter;
        }
    }

    /** The kinds as {@code nvidia-smi} writes them, such as {@code C+G} or {@code M+C}. */
    public String type() {
        if (kinds.contains(Kind.MPS) && kinds.contains(Kind.COMPUTE) && kinds.size() == 2) {
            return "M+C";
        }
        return kinds.isEmpty()
                ? ""
                : EnumSet.copyOf(kinds).stream().map(kind -> kind.letter).collect(Collectors.joining("+"));
    }
}
