package io.gpuagent.device;

import java.util.function.Consumer;

/**
 * A source of GPU data: NVML on a real node, a scenario on a simulated one.
 *
 * <p>Only one thread may call {@link #enumerate()} and {@link #close()} at a time. Each GPU may be read by one thread
 * at a time, also during an enumeration.
 */
public interface GpuBackend extends AutoCloseable {

    /** The backend's name on the command line: {@code nvml} or {@code simulated}. */
    String name();

    /**
     * Lists the GPUs that the node has now, in the order of their indexes. A GPU that the driver lists but cannot open
     * is included; its {@link Gpu#read()} throws the error. The first call initializes the driver and may take seconds.
     * If the driver hangs, the call may never return.
     *
     * @throws BackendUnavailableException if there is no driver or no library, or if the driver rejects every call
     */
    Inventory enumerate() throws BackendUnavailableException;

    /**
     * Registers a listener for the {@link XidEvent}s of all enumerated GPUs, until the backend is closed. It must be
     * called only once, before the first {@link #enumerate()}. Both consumers are called on a thread of the backend. If
     * the driver does not support events, neither is called.
     *
     * @param failed receives each failed driver call that is related to events
     */
    default void listen(Consumer<XidEvent> listener, Consumer<CallFault> failed) {}

    /** Releases the driver, unless a call is still in progress. GPUs returned earlier must not be used afterwards. */
    @Override
    void close();
}
