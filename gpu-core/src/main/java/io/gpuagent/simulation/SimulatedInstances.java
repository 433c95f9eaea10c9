package io.gpuagent.simulation;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.MigInstance;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.ReturnCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The MIG instances of a device at one moment. It makes the same calls as the NVML backend, so that their faults take
 * effect.
 */
final class SimulatedInstances {

    private static final Set<String> EMPTY_SLOT_CODES =
            Set.of(ReturnCode.name(ReturnCode.NOT_FOUND), ReturnCode.name(ReturnCode.INVALID_ARGUMENT));

    private final SimulatedCalls calls;
    private final RunningScenario.Moment moment;
    private final List<GpuProcess> rows;
    private final List<Statement> found = new ArrayList<>();
    private final boolean complete;

    /** @param rows all processes on the device, one row per process statement */
    SimulatedInstances(SimulatedCalls calls, RunningScenario.Moment moment, int device, List<GpuProcess> rows)
            throws GpuUnavailableException {
        this.calls = calls;
        this.moment = moment;
        this.rows = rows;
        TreeMap<Integer, Statement> slots = new TreeMap<>();
        if (calls.isSuccessful("nvmlDeviceGetMaxMigDeviceCount")) {
            moment.active(StatementType.INSTANCE, device).forEach(instance -> slots.put(slot(instance), instance));
        }
        int before = calls.faults().size();
        for (Statement instance : slots.values()) {
            Optional<CallFault> fault = calls.call(slot(instance), "nvmlDeviceGetMigDeviceHandleByIndex");
            if (fault.isEmpty()) {
                found.add(instance);
            } else if (!EMPTY_SLOT_CODES.contains(fault.get().code())) {
                calls.faults().add(fault.get());
            }
        }
        this.complete = calls.faults().size() == before;
    }

    private static int slot(Statement instance) {
        return instance.get(Attribute.SLOT, 0);
    }

    List<MigInstance> read() {
        return found.stream().map(this::read).toList();
    }

    private MigInstance read(Statement instance) {
        int gi = instance.get(Attribute.GI, 0);
        long held = SimulatedSample.held(
                rows.stream().filter(row -> row.mig().startsWith(gi + ":")).toList());
        return new MigInstance(
                gi,
                instance.get(Attribute.CI, 0),
                instance.get(Attribute.UUID, ""),
                instance.get(Attribute.PROFILE, ""),
                calls.isSuccessful(slot(instance), "nvmlDeviceGetMemoryInfo")
                        ? SimulatedSample.memory(moment, List.of(instance), held)
                        : null);
    }

    /**
     * The union of the instances' process lists.
     *
     * @param refusal the fault of the device's list; returned if an instance's list is refused, too
     */
    ProcessList processes(CallFault refusal) throws GpuUnavailableException {
        boolean readable = complete && !found.isEmpty();
        for (Statement instance : found) {
            readable = readable && calls.record(calls.processListFault(slot(instance)));
        }
        if (!readable) {
            calls.faults().add(refusal);
            return new ProcessList.Unreadable(refusal);
        }
        Set<String> instances = found.stream()
                .map(instance -> instance.get(Attribute.GI) + ":" + instance.get(Attribute.CI, 0))
                .collect(Collectors.toSet());
        return ProcessList.union(
                rows.stream().filter(row -> instances.contains(row.mig())).toList());
    }
}
