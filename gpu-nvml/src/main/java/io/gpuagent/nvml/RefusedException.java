package io.gpuagent.nvml;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.ReturnCode;

/** A call that the driver refused, or whose answer cannot be true. */
final class RefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    final transient CallFault fault;

    /** @param problem what is wrong: the name of the return code, or what the answer cannot be */
    RefusedException(String function, String problem) {
        this.fault = new CallFault(function, problem);
    }

    /** Throws where the call did not succeed. */
    static void check(String function, int code) throws RefusedException {
        if (code != ReturnCode.SUCCESS) {
            throw new RefusedException(function, ReturnCode.name(code));
        }
    }

    /** Whether the card does not offer the function at all. */
    boolean notOffered() {
        return ReturnCode.notOffered(fault);
    }

    /** Whether this process may not have the answer. */
    boolean forbidden() {
        return fault.code().equals(ReturnCode.name(ReturnCode.NO_PERMISSION));
    }
}
