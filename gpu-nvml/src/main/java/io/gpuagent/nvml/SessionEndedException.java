package io.gpuagent.nvml;

import io.gpuagent.device.CallFault;

/** The driver has discarded the session: its kernel module was unloaded, or the library was shut down. */
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
