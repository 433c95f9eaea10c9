package io.gpuagent.usage;

import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuMemory;
import org.jspecify.annotations.Nullable;

/**
 * A GPU of a snapshot.
 *
 * @param memoryApi the memory call that answered last, kept while the GPU does not answer; null for one that never told its memory
 */
public record GpuUsage(GpuIdentity identity, GpuState state, GpuMemory.@Nullable Api memoryApi) {

    /** A GPU whose memory call is that of its state. */
    public GpuUsage(GpuIdentity identity, GpuState state) {
        this(identity, state, apiOf(state));
    }

    private static GpuMemory.@Nullable Api apiOf(GpuState state) {
        return state instanceof GpuState.Live live && live.sample().memory() != null
                ? live.sample().memory().api()
                : null;
    }
}
