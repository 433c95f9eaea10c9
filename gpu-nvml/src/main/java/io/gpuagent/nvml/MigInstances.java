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

/** The MIG instances of a board, looked for anew at every reading: they change while we run. */
final class MigInstances {

    /** Before the profile in an instance's name: {@code NVIDIA H100 80GB HBM3 MIG 1g.10gb} (utkuozdemir/nvidia_gpu_exporter PR#466). */
    private static final String MIG = " MIG ";

    /** For so many readings a refused function is not asked again: what a card offers changes with its mode. */
    private static final int REMEMBERED = 60;

    private final DeviceCalls board;
    private final NativeMemory answer = new NativeMemory(DeviceFunctions.TEXT_SIZE);
    private volatile boolean on;
    private int readings;

    /** Those of the last reading, by what tells one from another. */
    private Map<Identity, Instance> found = Map.of();

    /** Whether every slot told whether there is an instance in it, and which. */
    private boolean complete;

    /** A handle may be reused for another instance (nvml.h), and before R470 so may a UUID: it was made of the numbers. */
    private record Identity(long handle, String uuid, String name) {}

    MigInstances(DeviceCalls board) {
        this.board = board;
    }

    /** Whether MIG was on at the last reading, for any thread to ask. */
    boolean on() {
        return on;
    }

    /** Empty where MIG is off. */
    List<MigInstance> read(ReadProblems findings) throws GpuUnavailableException {
        complete = true;
        Map<Identity, Instance> there = new LinkedHashMap<>();
        List<MigInstance> told = new ArrayList<>();
        int slots = enabled(findings) ? slots(findings) : 0;
        for (int slot = 0; slot < slots; slot++) {
            DeviceHandle handle = inSlot(slot, findings);
            if (handle != null) {
                try {
                    told.add(identified(board.on(handle), there).read(findings));
                } catch (GpuUnavailableException e) {
                    // An instance that was just removed may answer so; if it is the board, its own calls tell.
                    findings.add(e.fault());
                    complete = false;
                }
            }
        }
        found = there;
        return told;
    }

    /** A driver that fails to say whether MIG is on has not switched it over. */
    private boolean enabled(ReadProblems findings) throws GpuUnavailableException {
        answer.putInt32(0, 0);
        int code = board.call(DeviceFunctions.MIG_MODE, answer);
        findings.answered(DeviceFunctions.MIG_MODE, code);
        boolean told = code == ReturnCode.SUCCESS || code == ReturnCode.NOT_SUPPORTED;
        boolean now = told ? code == ReturnCode.SUCCESS && answer.int32(0) == 1 : on;
        if (now != on || ++readings % REMEMBERED == 0) {
            board.askAgain();
        }
        on = now;
        return now;
    }

    private int slots(ReadProblems findings) throws GpuUnavailableException {
        answer.putInt32(0, 0);
        return succeeds(DeviceFunctions.MIG_SLOTS, board.call(DeviceFunctions.MIG_SLOTS, answer), findings)
                ? answer.int32(0)
                : 0;
    }

    /** Null for an empty slot; they lie between the others. */
    private @Nullable DeviceHandle inSlot(int slot, ReadProblems findings) throws GpuUnavailableException {
        answer.putInt32(0, slot);
        int code = board.call(DeviceFunctions.MIG_DEVICE, answer);
        boolean empty = code == ReturnCode.NOT_FOUND || code == ReturnCode.INVALID_ARGUMENT;
        return !empty && succeeds(DeviceFunctions.MIG_DEVICE, code, findings) ? DeviceHandle.in(answer, 8) : null;
    }

    private boolean succeeds(NvmlFunction function, int code, ReadProblems findings) {
        findings.answered(function, code);
        complete &= code == ReturnCode.SUCCESS;
        return code == ReturnCode.SUCCESS;
    }

    private Instance identified(DeviceCalls calls, Map<Identity, Instance> there) throws GpuUnavailableException {
        String uuid = calls.text(DeviceFunctions.UUID, answer);
        String name = calls.textOrEmpty(DeviceFunctions.NAME, 0, DeviceFunctions.TEXT_SIZE, answer);
        Identity identity = new Identity(calls.handle.address(), uuid, name);
        Instance known = found.get(identity);
        Instance instance = known == null ? opened(calls, uuid, name) : known;
        there.put(identity, instance);
        return instance;
    }

    private Instance opened(DeviceCalls calls, String uuid, String name) throws GpuUnavailableException {
        int gpuInstance = number(calls, DeviceFunctions.GPU_INSTANCE);
        int computeInstance = number(calls, DeviceFunctions.COMPUTE_INSTANCE);
        int at = name.lastIndexOf(MIG);
        String profile = at < 0 ? "" : name.substring(at + MIG.length());
        return new Instance(calls, new MigInstance(gpuInstance, computeInstance, uuid, profile, null));
    }

    /** Without its numbers an instance cannot be told from others; all bits set mean that it has none. */
    private int number(DeviceCalls calls, NvmlFunction function) throws GpuUnavailableException {
        answer.putInt32(0, RunningProcesses.NO_INSTANCE);
        int code = calls.call(function, answer);
        if (code != ReturnCode.SUCCESS || answer.int32(0) < 0) {
            String problem = code == ReturnCode.SUCCESS ? "INVALID_INSTANCE" : ReturnCode.name(code);
            throw new GpuUnavailableException(new CallFault(function.symbol(), problem));
        }
        return answer.int32(0);
    }

    /** An instance in one session, for as long as it is the same. */
    private static final class Instance {

        private final MemoryFigures memory;
        private final ProcessLists lists;

        /** As it was last told. */
        private MigInstance told;

        Instance(DeviceCalls calls, MigInstance first) {
            this.memory = new MemoryFigures(calls);
            this.lists = new ProcessLists(calls);
            this.told = first;
        }

        MigInstance read(ReadProblems findings) throws GpuUnavailableException {
            GpuMemory figures = memory.read(findings);
            told = new MigInstance(told.gpuInstance(), told.computeInstance(), told.uuid(), told.profile(), figures);
            return told;
        }

        /** The rows of its own lists. Entries say themselves where they are, should a list hold those of a whole GPU instance. */
        List<GpuProcess> processes(ReadProblems findings) throws RefusedException, GpuUnavailableException {
            GpuMemory figures = told.memory();
            return lists.read(
                    figures == null ? null : figures.totalBytes(),
                    entry -> entry.mig().isEmpty() ? told.mig() : entry.mig(),
                    findings);
        }
    }

    /** What the instances' own lists hold together; empty if one of them cannot be read, or if an instance may have been missed. */
    Optional<ProcessList> processes(ReadProblems findings) {
        List<GpuProcess> rows = new ArrayList<>();
        try {
            for (Instance instance : found.values()) {
                rows.addAll(instance.processes(findings));
            }
        } catch (RefusedException e) {
            findings.add(e.fault);
            return Optional.empty();
        } catch (GpuUnavailableException e) {
            findings.add(e.fault());
            return Optional.empty();
        }
        return complete && !found.isEmpty() ? Optional.of(ProcessList.union(rows)) : Optional.empty();
    }
}
