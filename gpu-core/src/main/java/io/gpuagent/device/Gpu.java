package io.gpuagent.device;

import java.util.Optional;

/**
 * A physical GPU that can be read. Returned by {@link GpuBackend#enumerate()}; superseded by the object that a later
 * enumeration returns for the same UUID.
 */
public interface Gpu {

    /** The GPU's identity. The UUID is empty if the GPU was lost before it could be identified. */
    GpuIdentity identity();

    /**
     * Reads everything that the GPU reports. Called by one thread at a time. Blocks as long as the driver does,
     * possibly forever. A value that the GPU does not support is absent from the sample; it is not an error.
     *
     * @throws GpuUnavailableException if the GPU fell off the bus, needs a reset or cannot be opened
     */
    GpuSample read() throws GpuUnavailableException;

    /** The driver function that {@link #read()} is currently waiting for, if any. Thread-safe. */
    Optional<String> callInProgress();
}
