package io.gpuagent.usage;

import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuMemory;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A GPU in a snapshot, with its accounts.
 *
 * @param memoryApi the memory function that last succeeded, which remains known while the GPU cannot be read; null if
 *     the GPU never reported its memory
 * @param accounts the accounts of workloads, including those that ended in the last 15 minutes
 * @param unobservedSeconds the time during which the GPU was not sampled or its process list could not be read
 * @param energy null if the GPU never reported its energy
 * @param xids the Xids that the driver reported since the agent started, by number
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

    /** Creates a GPU without accounts. Its memory function is that of the state's sample. */
    public GpuUsage(GpuIdentity identity, GpuState state) {
        this(identity, state, apiOf(state), List.of(), 0, null, List.of());
    }

    /** Creates a GPU without accounts. */
    static GpuUsage of(GpuIdentity identity, GpuState state, GpuMemory.@Nullable Api memoryApi) {
        return new GpuUsage(identity, state, memoryApi, List.of(), 0, null, List.of());
    }

    /** Returns this GPU with the given accounts and counters. */
    GpuUsage with(List<Account> used, double unobserved, @Nullable Energy spent, List<XidCount> counts) {
        return new GpuUsage(identity, state, memoryApi, used, unobserved, spent, counts);
    }

    /** The GPU's sample and attribution; empty if the GPU cannot be read. */
    public Optional<GpuState.Live> live() {
        return state instanceof GpuState.Live live ? Optional.of(live) : Optional.empty();
    }

    private static GpuMemory.@Nullable Api apiOf(GpuState state) {
        return state instanceof GpuState.Live live && live.sample().memory() != null
                ? live.sample().memory().api()
                : null;
    }
}
