package io.gpuagent.simulation;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ReturnCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The calls that NVML would be asked in one read of a device and its MIG instances, and which of them failed. */
final class SimulatedCalls {

    private static final Set<String> LOST =
            Set.of(ReturnCode.name(ReturnCode.GPU_IS_LOST), ReturnCode.name(ReturnCode.RESET_REQUIRED));

    private final RunningScenario world;
    private final int device;
    private final List<CallFault> faults = new ArrayList<>();
    private volatile @Nullable String inProgress;

    SimulatedCalls(RunningScenario world, int device) {
        this.world = world;
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
        if (fault.isPresent() && LOST.contains(fault.get().code())) {
            throw new GpuUnavailableException(fault.get());
        }
        return fault;
    }

    Optional<CallFault> call(int slot, String function) {
        inProgress = function;
        Optional<CallFault> fault = world.call(device, slot, function);
        inProgress = null;
        return fault;
    }

    /** Whether a function of the device succeeds; that it is not offered is no fault. */
    boolean answers(String function) throws GpuUnavailableException {
        return succeeds(call(function));
    }

    /** Whether a function succeeds for the MIG instance in a slot. */
    boolean answers(int slot, String function) {
        return succeeds(call(slot, function));
    }

    boolean succeeds(Optional<CallFault> fault) {
        fault.filter(failed -> !ReturnCode.notOffered(failed)).ifPresent(faults::add);
        return fault.isEmpty();
    }

    /** The compute list must be readable; a card without graphics or MPS has no such list. */
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
