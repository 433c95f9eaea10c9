package io.gpuagent.usage;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuSample;
import java.time.Instant;

/** The state of a GPU, with its sample if it can be read. */
public sealed interface GpuState {

    /** The GPU was read. */
    record Live(Instant sampledAt, GpuSample sample, Attribution attribution) implements GpuState {}

    /** The GPU is listed, but its first read has not finished yet. */
    record Starting() implements GpuState {}

    /**
     * A driver call for the GPU has not returned by its deadline. Earlier values are not shown, since they are
     * outdated.
     *
     * @param function the driver function that hangs
     * @param since the start of the read
     */
    record Stalled(String function, Instant since) implements GpuState {}

    /** The GPU fell off the bus, needs a reset, cannot be opened or is no longer listed. */
    record Lost(CallFault fault, Instant since) implements GpuState {}
}
