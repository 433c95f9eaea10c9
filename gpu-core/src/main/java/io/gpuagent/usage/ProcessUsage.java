package io.gpuagent.usage;

import io.gpuagent.device.Engine;
import io.gpuagent.device.GpuProcess;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A process on a GPU whose workload is known.
 *
 * @param comm the command's name at first sight
 * @param uid the user id the process runs as; null where it could not be told
 * @param user that user's name; null where it is not known
 * @param utilization the share of the time since the sample before in which the process kept each part of the GPU busy, 0 to 1; a part
 *     that is missing is not told
 */
public record ProcessUsage(
        GpuProcess process,
        String comm,
        @Nullable Integer uid,
        @Nullable String user,
        Map<Engine, Double> utilization) {

    public ProcessUsage {
        utilization = Map.copyOf(utilization);
    }

    /** A process on a GPU that does not tell how busy each process keeps it. */
    public ProcessUsage(GpuProcess process, String comm, @Nullable Integer uid, @Nullable String user) {
        this(process, comm, uid, user, Map.of());
    }

    /** The share in which a kernel of the process ran; null where it is not told. */
    public @Nullable Double smRatio() {
        return utilization.get(Engine.SM);
    }
}
