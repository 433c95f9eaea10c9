package io.gpuagent.usage;

import io.gpuagent.device.Engine;
import io.gpuagent.device.GpuProcess;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A GPU process whose workload is known.
 *
 * @param comm the command name when the process was first seen
 * @param uid the real uid of the process; null if unknown
 * @param user the value of the workload's label {@code user}. If root's container runtime confirms that the workload is
 *     a container, the label stays empty instead
 * @param utilization the fraction of the time since the previous sample, 0 to 1, during which the process kept each
 *     engine busy. An engine without a reported value is missing
 */
public record ProcessUsage(
        GpuProcess process, String comm, @Nullable Integer uid, String user, Map<Engine, Double> utilization) {

    public ProcessUsage {
        utilization = Map.copyOf(utilization);
    }

    /** Creates a process without utilization. */
    public ProcessUsage(GpuProcess process, String comm, @Nullable Integer uid, String user) {
        this(process, comm, uid, user, Map.of());
    }

    /** The fraction of time during which a kernel of the process ran; null if not reported. */
    public @Nullable Double smRatio() {
        return utilization.get(Engine.SM);
    }
}
