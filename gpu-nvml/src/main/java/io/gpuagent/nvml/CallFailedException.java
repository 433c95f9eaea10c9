package io.gpuagent.nvml;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.ReturnCode;

/** A call to NVML failed, or its result is invalid. */
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

    /** Whether the device or the library does not support the function. */
    boolean unsupported() {
        return ReturnCode.notOffered(fault);
    }

    /** Whether this process lacks permission for the call. */
    boolean isForbidden() {
        return fault.code().equals(ReturnCode.name(ReturnCode.NO_PERMISSION));
    }
}
