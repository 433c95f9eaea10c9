package io.gpuagent.nvml;

import io.gpuagent.device.CallFault;

/** The driver no longer knows the session: its module was unloaded, or the library was shut down. */
final class SessionEndedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient CallFault fault;

    SessionEndedException(CallFault fault) {
        super(fault.toString());
        this.fault = fault;
    }

    CallFault fault() {
        return fault;
    }
}
