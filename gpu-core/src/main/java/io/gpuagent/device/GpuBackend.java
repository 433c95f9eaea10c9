package io.gpuagent.device;

import java.util.function.Consumer;

/**
 * A source of GPUs: NVML on a real node, a scenario on a simulated one.
 *
 * <p>{@link #enumerate()} and {@link #close()} are called by one thread at a time, {@link Gpu#read()} by one thread per
 * GPU, possibly during an enumeration.
 */
public interface GpuBackend extends AutoCloseable {

    /** The backend's name on the command line: {@code nvml} or {@code simulated}. */
    String name();

    /**
     * Lists the GPUs that the node has now, by index. A GPU that the driver lists but cannot open is included; its
     * {@link Gpu#read()} throws the error. The first call initializes the driver and may take seconds. If the driver
     * hangs, the call may never return.
     *
     * @throws BackendUnavailableException if there is no driver, no library, or the driver refuses every call
     */
    Inventory enumerate() throws BackendUnavailableException;

    /**
     * Registers a listener for each {@link XidEvent} of an enumerated GPU, until the backend is closed. Call once,
     * before the first {@link #enumerate()}. Both consumers are called on a thread of the backend. There are no events
     * if the driver does not support them.
     *
     * @param failed receives each failed driver call that concerns events
     */
    default void listen(Consumer<XidEvent> listener, Consumer<CallFault> failed) {}

    /** Releases the driver, unless a call is still in progress. GPUs returned before must not be used afterwards. */
    @Override
    void close();
}
