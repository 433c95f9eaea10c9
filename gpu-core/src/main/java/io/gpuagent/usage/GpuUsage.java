package io.gpuagent.usage;

import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuMemory;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A GPU of a snapshot.
 *
 * @param memoryApi the memory call that answered last, kept while the GPU does not answer; null for one that never told its memory
 * @param accounts what workloads have used, those that have gone in the last quarter of an hour included
 * @param unobservedSeconds how long nobody knows what was held, because the GPU was not sampled or its processes could not be listed
 * @param energy null for one that never told its energy
 * @param xids the errors that the driver reported since we listen, by number
 */
public record GpuUsage(
        GpuIdentity identity,
        GpuState state,
        GpuMemory.@Nullable Api memoryApi,
        List<Account> accounts,
        double unobservedSeconds,
        @Nullable Energy energy,
        List<XidCount> xids) {

    public GpuUsage {
        accounts = List.copyOf(accounts);
        xids = List.copyOf(xids);
    }

    /** A GPU whose memory call is that of its state, and that has no accounts. */
    public GpuUsage(GpuIdentity identity, GpuState state) {
        this(identity, state, apiOf(state), List.of(), 0, null, List.of());
    }

    /** A GPU that has no accounts. */
    static GpuUsage of(GpuIdentity identity, GpuState state, GpuMemory.@Nullable Api memoryApi) {
        return new GpuUsage(identity, state, memoryApi, List.of(), 0, null, List.of());
    }

    /** This GPU with what its workloads have used and what errors it had. */
    GpuUsage with(List<Account> used, double unobserved, @Nullable Energy spent, List<XidCount> errors) {
        return new GpuUsage(identity, state, memoryApi, used, unobserved, spent, errors);
    }

    private static GpuMemory.@Nullable Api apiOf(GpuState state) {
        return state instanceof GpuState.Live live && live.sample().memory() != null
                ? live.sample().memory().api()
                : null;
    }
}
