package io.gpuagent.nvml;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.MigInstance;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.DeviceFunctions;
import io.gpuagent.nvml.binding.DeviceHandle;
import io.gpuagent.nvml.binding.NativeMemory;
import io.gpuagent.nvml.binding.NvmlFunction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The MIG instances of a board. They are enumerated at every sample, since they can change at any time. */
final class MigInstances {

    /**
     * Separates the model from the profile in the name of a MIG instance: {@code NVIDIA H100 80GB HBM3 MIG 1g.10gb}
     * (utkuozdemir/nvidia_gpu_exporter PR#466).
     */
    private static final String MIG_MARKER = " MIG ";

    /** An upper limit for plausible slot counts. A board has at most 7 slots. */
    private static final int MAX_SLOTS = 64;

    private final DeviceCalls board;
    private final NativeMemory buffer = new NativeMemory(DeviceFunctions.TEXT_SIZE);
    private volatile boolean enabled;

    /** The instances of the last sample. */
    private Map<InstanceKey, Instance> instances = Map.of();

    /** Whether the last sample could read every slot. */
    private boolean complete;

    /**
     * Identifies an instance. Neither the handle nor the UUID is sufficient: NVML may reuse a handle for another
     * instance (nvml.h), and before R470 the UUID was composed of the board's UUID and the instance ids.
     */
    private record InstanceKey(long handle, String uuid, String name) {}

    MigInstances(DeviceCalls board) {
        this.board = board;
    }

    /** Whether MIG mode was enabled at the last sample. May be called by any thread. */
    boolean isEnabled() {
        return enabled;
    }

    /** Reads all instances; empty if MIG mode is disabled. */
    List<MigInstance> read(ReadProblems problems) throws GpuUnavailableException {
        complete = true;
        Map<InstanceKey, Instance> current = new LinkedHashMap<>();
        List<MigInstance> result = new ArrayList<>();
        int slots = readMode(problems) ? slots(problems) : 0;
        for (int slot = 0; slot < slots; slot++) {
            DeviceHandle handle = inSlot(slot, problems);
            if (handle != null) {
                try {
                    result.add(instance(board.on(handle), current).read(problems));
                } catch (GpuUnavailableException e) {
                    // An instance that was just removed may fail like this. If the board itself is lost, its own calls
                    // fail too.
                    problems.add(e.fault());
                    complete = false;
                }
            }
        }
        instances = current;
        return result;
    }

    /** Reads whether MIG mode is enabled. If the call fails, returns the last known mode. */
    private boolean readMode(ReadProblems problems) throws GpuUnavailableException {
        buffer.putInt32(0, 0);
        int code = board.call(DeviceFunctions.MIG_MODE, buffer);
        problems.record(DeviceFunctions.MIG_MODE, code);
        boolean known = code == ReturnCode.SUCCESS || code == ReturnCode.NOT_SUPPORTED;
        boolean now = known ? code == ReturnCode.SUCCESS && buffer.int32(0) == 1 : enabled;
        if (now != enabled) {
            board.retryAll(); // the mode determines which functions the device supports
        }
        enabled = now;
        return now;
    }

    private int slots(ReadProblems problems) throws GpuUnavailableException {
        buffer.putInt32(0, 0);
        return succeeds(DeviceFunctions.MIG_SLOTS, board.call(DeviceFunctions.MIG_SLOTS, buffer), problems)
                ? Math.min(buffer.int32(0), MAX_SLOTS)
                : 0;
    }

    /**
     * Returns the handle of the instance in a slot; null if the slot is empty or cannot be read. Empty slots may lie
     * between used ones.
     */
    private @Nullable DeviceHandle inSlot(int slot, ReadProblems problems) throws GpuUnavailableException {
        buffer.putInt32(0, slot);
        int code = board.call(DeviceFunctions.MIG_DEVICE, buffer);
        return code != ReturnCode.NOT_FOUND && succeeds(DeviceFunctions.MIG_DEVICE, code, problems)
                ? DeviceHandle.in(buffer, 8)
                : null;
    }

    private boolean succeeds(NvmlFunction function, int code, ReadProblems problems) {
        problems.record(function, code);
        complete &= code == ReturnCode.SUCCESS;
        return code == ReturnCode.SUCCESS;
    }

    private Instance instance(DeviceCalls calls, Map<InstanceKey, Instance> current) throws GpuUnavailableException {
        String uuid = calls.text(DeviceFunctions.UUID, buffer);
        String name = calls.textOrEmpty(DeviceFunctions.NAME, DeviceFunctions::text, buffer);
        InstanceKey key = new InstanceKey(calls.handle.address(), uuid, name);
        Instance known = instances.get(key);
        Instance instance = known == null ? open(calls, uuid, name) : known;
        current.put(key, instance);
        return instance;
    }

    private Instance open(DeviceCalls calls, String uuid, String name) throws GpuUnavailableException {
        int gpuInstance = instanceId(calls, DeviceFunctions.GPU_INSTANCE);
        int computeInstance = instanceId(calls, DeviceFunctions.COMPUTE_INSTANCE);
        int at = name.lastIndexOf(MIG_MARKER);
        String profile = at < 0 ? "" : name.substring(at + MIG_MARKER.length());
        return new Instance(calls, new MigInstance(gpuInstance, computeInstance, uuid, profile, null));
    }

    /**
     * Reads the id of the GPU instance or of the compute instance. Throws if the id is unknown (NVML sets all bits),
     * since the instance cannot be identified without it.
     */
    private int instanceId(DeviceCalls calls, NvmlFunction function) throws GpuUnavailableException {
        buffer.putInt32(0, RunningProcesses.NO_INSTANCE);
        int code = calls.call(function, buffer);
        if (code != ReturnCode.SUCCESS || buffer.int32(0) < 0) {
            String problem = code == ReturnCode.SUCCESS ? "INVALID_INSTANCE" : ReturnCode.name(code);
            throw new GpuUnavailableException(new CallFault(function.symbol(), problem));
        }
        return buffer.int32(0);
    }

    /** A MIG instance. The object is kept while the instance exists in the session. */
    private static final class Instance {

        private final MemoryInfo memory;
        private final ProcessLists lists;

        /** The result of the last sample. */
        private MigInstance last;

        Instance(DeviceCalls calls, MigInstance first) {
            this.memory = new MemoryInfo(calls);
            this.lists = new ProcessLists(calls);
            this.last = first;
        }

        MigInstance read(ReadProblems problems) throws GpuUnavailableException {
            GpuMemory memoryInfo = memory.read(problems);
            last = new MigInstance(last.gpuInstance(), last.computeInstance(), last.uuid(), last.profile(), memoryInfo);
            return last;
        }

        /**
         * Reads the process lists of this instance. If an entry names a MIG instance, that one is used, because a list
         * may cover all compute instances of the GPU instance.
         */
        List<GpuProcess> processes(ReadProblems problems) throws CallFailedException, GpuUnavailableException {
            GpuMemory memoryInfo = last.memory();
            return lists.read(
                    memoryInfo == null ? null : memoryInfo.totalBytes(),
                    entry -> entry.mig().isEmpty() ? last.mig() : entry.mig(),
                    problems);
        }
    }

    /**
     * Returns the union of the process lists of all instances. Empty if there are none, or if a list or a slot could
     * not be read, since the union would then be incomplete.
     */
    Optional<ProcessList> processes(ReadProblems problems) {
        List<GpuProcess> rows = new ArrayList<>();
        try {
            for (Instance instance : instances.values()) {
                rows.addAll(instance.processes(problems));
            }
        } catch (CallFailedException e) {
            problems.add(e.fault);
            return Optional.empty();
        } catch (GpuUnavailableException e) {
            problems.add(e.fault());
            return Optional.empty();
        }
        return complete && !instances.isEmpty() ? Optional.of(ProcessList.union(rows)) : Optional.empty();
    }
}
