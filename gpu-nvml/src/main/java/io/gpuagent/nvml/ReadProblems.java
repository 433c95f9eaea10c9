package io.gpuagent.nvml;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.NvmlFunction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What went wrong in one reading of a device that succeeded as a whole. */
final class ReadProblems {

    /** Above what the device has, or outside what the unit allows; NVML's sentinels are. */
    static final String OVER_RANGE = "over_range";
    /** A device that says it has no memory at all. */
    static final String ZERO_TOTAL = "zero_total";
    /** No process can have this pid. */
    static final String INVALID_PID = "invalid_pid";

    final List<CallFault> faults = new ArrayList<>();
    final List<String> rejections = new ArrayList<>();

    void answered(NvmlFunction function, int code) {
        if (code != ReturnCode.SUCCESS) {
            add(new CallFault(function.symbol(), ReturnCode.name(code)));
        }
    }

    /** A call that failed; that a card does not offer it is no fault. */
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
