package io.gpuagent.device;

import java.util.function.Consumer;

/**
 * A source of GPUs: NVML on a real node, a scenario in a simulated one.
 *
 * <p>{@link #enumerate()} and {@link #close()} are called by one thread at a time; {@link Gpu#read()} by one thread per GPU, at the
 * same time as an enumeration.
 */
public interface GpuBackend extends AutoCloseable {

    /** The backend's name as the command line spells it: {@code nvml} or {@code simulated}. */
    String name();

    /**
     * The GPUs of the node as they are now, by index. A GPU that the driver lists but cannot open is in the inventory; its
     * {@link Gpu#read()} tells the error. Connects to the driver where there is no connection yet, so the first call may take
     * seconds; it may also never return, if the driver hangs.
     *
     * @throws BackendUnavailableException if there is no driver, no library, or the driver refuses every call
     */
    Inventory enumerate() throws BackendUnavailableException;

    /**
     * Has the listener told of each {@link XidEvent} on a GPU that was enumerated, from then on and until the backend is closed, on a thread
     * of the backend's own. To be called once, before the first {@link #enumerate()}. Nothing is told where the driver has no events.
     *
     * @param failed told of each call for events that fails, on that thread
     */
    default void listen(Consumer<XidEvent> listener, Consumer<CallFault> failed) {}

    /** Lets go of the driver, unless a call hangs in it. GPUs handed out before are of no use afterwards. */
    @Override
    void close();
}
