package io.gpuagent.nvml;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.NvmlFunction;

/** A process list that the driver refused, or that cannot be one. */
final class UnreadableListException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient CallFault fault;
    private final int code;

    UnreadableListException(CallFault fault, int code) {
        super(fault.toString());
        this.fault = fault;
        this.code = code;
    }

    static UnreadableListException missing(NvmlFunction function) {
        int code = ReturnCode.FUNCTION_NOT_FOUND;
        return new UnreadableListException(new CallFault(function.symbol(), ReturnCode.name(code)), code);
    }

    CallFault fault() {
        return fault;
    }

    /** Whether this process may not see the list. */
    boolean forbidden() {
        return code == ReturnCode.NO_PERMISSION;
    }

    /** Whether the card does not offer the list at all. */
    boolean notOffered() {
        return ReturnCode.notOffered(code);
    }
}
