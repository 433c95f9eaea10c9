package io.gpuagent.device;

import java.util.Optional;

/** A physical GPU that can be read. Handed out by {@link GpuBackend#enumerate()} and replaced by the next one for the same UUID. */
public interface Gpu {

    /** Who the GPU is. A GPU that was lost before it ever answered has an empty UUID. */
    GpuIdentity identity();

    /**
     * Everything the GPU says of itself now. Called by one thread at a time; blocks as long as the driver does, which may be for ever.
     * A value the GPU does not offer is absent from the sample, and is no error.
     *
     * @throws GpuUnavailableException if the GPU fell off the bus, needs a reset or cannot be opened
     */
    GpuSample read() throws GpuUnavailableException;

    /** The driver function that {@link #read()} is inside of at this moment, for any thread to ask. */
    Optional<String> callInProgress();
}
