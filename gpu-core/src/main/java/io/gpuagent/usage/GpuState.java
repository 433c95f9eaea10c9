package io.gpuagent.usage;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuSample;
import java.time.Instant;

/** How a GPU is doing, and what it said if it is well. */
public sealed interface GpuState {

    /** The GPU answers. */
    record Live(Instant sampledAt, GpuSample sample, Attribution attribution) implements GpuState {}

    /** The GPU was found and has not answered its first read yet. */
    record Starting() implements GpuState {}

    /**
     * A driver call for the GPU does not return. Nothing that was read before is shown as if it were fresh.
     *
     * @param function the call that hangs
     * @param since when the read began
     */
    record Stalled(String function, Instant since) implements GpuState {}

    /** The GPU fell off the bus, needs a reset, cannot be opened or is no longer listed. */
    record Lost(CallFault fault, Instant since) implements GpuState {}
}
