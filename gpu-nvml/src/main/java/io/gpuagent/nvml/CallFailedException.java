package io.gpuagent.nvml;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.ReturnCode;

/** A call that failed, or whose result cannot be true. */
final class CallFailedException extends Exception {

    private static final long serialVersionUID = 1L;

    final transient CallFault fault;

    /** @param problem the name of the return code, or what is wrong with the result */
    CallFailedException(String function, String problem) {
        super(function + ": " + problem);
        this.fault = new CallFault(function, problem);
    }

    CallFailedException(String function, int code) {
        this(function, ReturnCode.name(code));
    }

    static void check(String function, int code) throws CallFailedException {
        if (code != ReturnCode.SUCCESS) {
            throw new CallFailedException(function, code);
        }
    }

    /** Whether the device does not support the function at all. */
    boolean unsupported() {
        return ReturnCode.notOffered(fault);
    }

    /** Whether the call failed for lack of permission. */
    boolean isForbidden() {
        return fault.code().equals(ReturnCode.name(ReturnCode.NO_PERMISSION));
    }
}
