package io.gpuagent.device;

import java.util.Optional;

/**
 * A physical GPU that can be read. {@link GpuBackend#enumerate()} returns it. If a later enumeration returns another
 * object for the same UUID, use that one instead.
 */
public interface Gpu {

    /** The GPU's identity. The UUID is empty if the GPU was lost before it could be identified. */
    GpuIdentity identity();

    /**
     * Reads everything that the GPU reports. Only one thread may call it at a time. The call blocks as long as the
     * driver does, possibly forever. A value that the GPU does not support is absent from the sample; it is not an
     * error.
     *
     * @throws GpuUnavailableException if the GPU fell off the bus, needs a reset or cannot be opened
     */
    GpuSample read() throws GpuUnavailableException;

    /** The driver function that {@link #read()} is currently waiting for, if any. Thread-safe. */
    Optional<String> callInProgress();
}
