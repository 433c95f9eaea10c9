package io.gpuagent.nvml;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.NvmlFunction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The failed calls and rejected values of one sample of a device. The sample as a whole succeeded. */
final class ReadProblems {

    /** A value above the device's capacity or outside the unit's range, such as one of NVML's sentinels. */
    static final String OVER_RANGE = "over_range";
    /** The device reports a total memory of zero. */
    static final String ZERO_TOTAL = "zero_total";
    /** A pid that Linux cannot assign. */
    static final String INVALID_PID = "invalid_pid";

    final List<CallFault> faults = new ArrayList<>();
    final List<String> rejections = new ArrayList<>();

    void record(NvmlFunction function, int code) {
        if (code != ReturnCode.SUCCESS && code != DeviceCalls.NOT_CALLED) {
            add(new CallFault(function.symbol(), ReturnCode.name(code)));
        }
    }

    /** Records a failed call, unless the function is merely unsupported. */
    void add(CallFault fault) {
        if (!ReturnCode.notOffered(fault)) {
            faults.add(fault);
        }
    }

    void reject(String reason) {
        reject(reason, 1);
    }

    void reject(String reason, int values) {
        rejections.addAll(Collections.nCopies(values, reason));
    }

    void addAll(ReadProblems others) {
        faults.addAll(others.faults);
        rejections.addAll(others.rejections);
    }
}
