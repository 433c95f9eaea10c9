package io.gpuagent.simulation;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuMemory;
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
import org.jspecify.annotations.Nullable;

/** The MIG instances of a device at one moment. It makes the calls that NVML would be asked, so that their faults take effect. */
final class SimulatedInstances {

    private static final Set<String> EMPTY_SLOT =
            Set.of(ReturnCode.name(ReturnCode.NOT_FOUND), ReturnCode.name(ReturnCode.INVALID_ARGUMENT));

    private final SimulatedCalls calls;
    private final World.Moment moment;
    private final List<GpuProcess> rows;
    private final List<Scenario.Instance> found = new ArrayList<>();
    private final boolean complete;

    private SimulatedInstances(
            SimulatedCalls calls,
            World.Moment moment,
            List<GpuProcess> rows,
            TreeMap<Integer, Scenario.Instance> slots,
            List<CallFault> faults) {
        this.calls = calls;
        this.moment = moment;
        this.rows = rows;
        int before = faults.size();
        for (Scenario.Instance instance : slots.values()) {
            Optional<CallFault> fault = calls.call(instance.slot(), "nvmlDeviceGetMigDeviceHandleByIndex");
            if (fault.isEmpty()) {
                found.add(instance);
            } else if (!EMPTY_SLOT.contains(fault.get().code())) {
                faults.add(fault.get());
            }
        }
        this.complete = faults.size() == before;
    }

    /** @param rows all processes on the device */
    static SimulatedInstances find(
            SimulatedCalls calls, World.Moment moment, int device, List<GpuProcess> rows, List<CallFault> faults)
            throws GpuUnavailableException {
        TreeMap<Integer, Scenario.Instance> slots = new TreeMap<>();
        if (calls.answers("nvmlDeviceGetMaxMigDeviceCount", faults)) {
            moment.holding(Scenario::instances).stream()
                    .filter(instance -> instance.device() == device)
                    .forEach(instance -> slots.put(instance.slot(), instance));
        }
        return new SimulatedInstances(calls, moment, rows, slots, faults);
    }

    List<MigInstance> read(List<CallFault> faults) {
        return found.stream()
                .map(instance -> new MigInstance(
                        instance.gi(),
                        instance.ci(),
                        instance.uuid(),
                        instance.profile(),
                        calls.answers(instance.slot(), "nvmlDeviceGetMemoryInfo", faults) ? memory(instance) : null))
                .toList();
    }

    /** What the instances' own lists hold together; what refused the device's list, if one of them is refused, too. */
    ProcessList processes(CallFault refusal, List<CallFault> faults) throws GpuUnavailableException {
        for (Scenario.Instance instance : found) {
            Optional<CallFault> fault = calls.processListFault(instance.slot());
            if (fault.isPresent()) {
                faults.add(refusal);
                fault.filter(failed -> !ReturnCode.notOffered(failed)).ifPresent(faults::add);
                return new ProcessList.Unreadable(refusal);
            }
        }
        if (!complete || found.isEmpty()) {
            faults.add(refusal);
            return new ProcessList.Unreadable(refusal);
        }
        Set<String> instances = found.stream()
                .map(instance -> instance.gi() + ":" + instance.ci())
                .collect(Collectors.toSet());
        return ProcessList.union(
                rows.stream().filter(row -> instances.contains(row.mig())).toList());
    }

    private @Nullable GpuMemory memory(Scenario.Instance instance) {
        if (instance.total() == null) {
            return null;
        }
        long total = bytes(instance.total());
        long reserved = bytes(instance.reserved());
        long used = instance.used() != null
                ? bytes(instance.used())
                : SimulatedGpu.held(rows.stream()
                        .filter(row -> row.mig().startsWith(instance.gi() + ":"))
                        .toList());
        return new GpuMemory(GpuMemory.Api.V2, total, used, total - used - reserved, reserved);
    }

    private long bytes(@Nullable Quantity size) {
        return size == null ? 0 : (long) size.at(moment.time());
    }
}
