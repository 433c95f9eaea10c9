package io.gpuagent.simulation;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ReturnCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The simulated NVML calls of one read of a device and its MIG instances, and their faults. */
final class SimulatedCalls {

    private static final Set<String> LOST_CODES =
            Set.of(ReturnCode.name(ReturnCode.GPU_IS_LOST), ReturnCode.name(ReturnCode.RESET_REQUIRED));

    private final RunningScenario scenario;
    private final int device;
    private final List<CallFault> faults = new ArrayList<>();
    private volatile @Nullable String inProgress;

    SimulatedCalls(RunningScenario scenario, int device) {
        this.scenario = scenario;
        this.device = device;
    }

    Optional<String> inProgress() {
        return Optional.ofNullable(inProgress);
    }

    List<CallFault> faults() {
        return faults;
    }

    Optional<CallFault> call(String function) throws GpuUnavailableException {
        Optional<CallFault> fault = call(Attribute.NO_SLOT, function);
        if (fault.isPresent() && LOST_CODES.contains(fault.get().code())) {
            throw new GpuUnavailableException(fault.get());
        }
        return fault;
    }

    Optional<CallFault> call(int slot, String function) {
        inProgress = function;
        Optional<CallFault> fault = scenario.call(device, slot, function);
        inProgress = null;
        return fault;
    }

    /** Whether a function of the device succeeds. An unsupported function is not recorded as a fault. */
    boolean isSuccessful(String function) throws GpuUnavailableException {
        return record(call(function));
    }

    /**
     * Whether a function succeeds for the MIG instance in a slot. An unsupported function is not recorded as a fault.
     */
    boolean isSuccessful(int slot, String function) {
        return record(call(slot, function));
    }

    boolean record(Optional<CallFault> fault) {
        fault.filter(failed -> !ReturnCode.notOffered(failed)).ifPresent(faults::add);
        return fault.isEmpty();
    }

    /**
     * The fault of reading the process lists. Only the compute list must be supported: a card may have no graphics or
     * MPS list.
     */
    Optional<CallFault> processListFault(int slot) throws GpuUnavailableException {
        for (String list : List.of("Compute", "Graphics", "MPSCompute")) {
            String function = "nvmlDeviceGet" + list + "RunningProcesses";
            Optional<CallFault> fault = slot == Attribute.NO_SLOT ? call(function) : call(slot, function);
            if (fault.isPresent() && (list.equals("Compute") || !ReturnCode.notOffered(fault.get()))) {
                return fault;
            }
        }
        return Optional.empty();
    }
}
