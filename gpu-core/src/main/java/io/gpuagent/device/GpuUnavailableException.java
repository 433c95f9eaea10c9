package io.gpuagent.device;

/**
 * Thrown when a GPU cannot be read at all: it fell off the bus, needs a reset or cannot be opened. Other GPUs may be
 * healthy.
 */
public final class GpuUnavailableException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient CallFault fault;

    public GpuUnavailableException(CallFault fault) {
        super(fault.toString());
        this.fault = fault;
    }

    public CallFault fault() {
        return fault;
    }
}
