package io.gpuagent.simulation;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ReturnCode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The calls that NVML would be asked for one device of a scenario and its MIG instances. */
final class SimulatedCalls {

    private static final Set<String> LOST =
            Set.of(ReturnCode.name(ReturnCode.GPU_IS_LOST), ReturnCode.name(ReturnCode.RESET_REQUIRED));

    private final World world;
    private final int device;
    private volatile @Nullable String inProgress;

    SimulatedCalls(World world, int device) {
        this.world = world;
        this.device = device;
    }

    Optional<String> inProgress() {
        return Optional.ofNullable(inProgress);
    }

    Optional<CallFault> call(String function) throws GpuUnavailableException {
        Optional<CallFault> fault = call(Scenario.NO_SLOT, function);
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
    boolean answers(String function, List<CallFault> faults) throws GpuUnavailableException {
        return succeeds(call(function), faults);
    }

    /** Whether a function succeeds for the MIG instance in a slot. */
    boolean answers(int slot, String function, List<CallFault> faults) {
        return succeeds(call(slot, function), faults);
    }

    private static boolean succeeds(Optional<CallFault> fault, List<CallFault> faults) {
        fault.filter(failed -> !ReturnCode.notOffered(failed)).ifPresent(faults::add);
        return fault.isEmpty();
    }

    /** The compute list must be readable; a card without graphics or MPS has no such list. */
    Optional<CallFault> processListFault(int slot) throws GpuUnavailableException {
        for (String list : List.of("Compute", "Graphics", "MPSCompute")) {
            String function = "nvmlDeviceGet" + list + "RunningProcesses";
            Optional<CallFault> fault = slot == Scenario.NO_SLOT ? call(function) : call(slot, function);
            if (fault.isPresent() && (list.equals("Compute") || !ReturnCode.notOffered(fault.get()))) {
                return fault;
            }
        }
        return Optional.empty();
    }
}
