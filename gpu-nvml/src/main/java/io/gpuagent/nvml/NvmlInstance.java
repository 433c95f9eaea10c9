package io.gpuagent.nvml;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.MigInstance;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.DeviceFunctions;
import io.gpuagent.nvml.binding.NativeMemory;
import io.gpuagent.nvml.binding.NvmlFunction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A MIG instance in one session, for as long as it is the same. */
final class NvmlInstance {

    /** Before the profile in an instance's name: {@code NVIDIA H100 80GB HBM3 MIG 1g.10gb} (utkuozdemir/nvidia_gpu_exporter PR#466). */
    private static final String MIG = " MIG ";

    private final int gpuInstance;
    private final int computeInstance;
    private final String uuid;
    private final String profile;
    private final MemoryFigures memory;
    private final ProcessLists lists;
    private @Nullable GpuMemory figures;

    private NvmlInstance(DeviceCalls calls, int gpuInstance, int computeInstance, String uuid, String profile) {
        this.gpuInstance = gpuInstance;
        this.computeInstance = computeInstance;
        this.uuid = uuid;
        this.profile = profile;
        this.memory = new MemoryFigures(calls);
        this.lists = new ProcessLists(calls);
    }

    static NvmlInstance open(DeviceCalls calls, String uuid, String name, NativeMemory answer)
            throws GpuUnavailableException {
        int at = name.lastIndexOf(MIG);
        return new NvmlInstance(
                calls,
                number(calls, DeviceFunctions.GPU_INSTANCE, answer),
                number(calls, DeviceFunctions.COMPUTE_INSTANCE, answer),
                uuid,
                at < 0 ? "" : name.substring(at + MIG.length()));
    }

    /** Without its numbers an instance cannot be told from others; all bits set mean that it has none. */
    private static int number(DeviceCalls calls, NvmlFunction function, NativeMemory answer)
            throws GpuUnavailableException {
        answer.putInt32(0, RunningProcesses.NO_INSTANCE);
        int code = calls.call(function, answer);
        if (code != ReturnCode.SUCCESS || answer.int32(0) < 0) {
            String problem = code == ReturnCode.SUCCESS ? "INVALID_INSTANCE" : ReturnCode.name(code);
            throw new GpuUnavailableException(new CallFault(function.symbol(), problem));
        }
        return answer.int32(0);
    }

    MigInstance read(Findings findings) throws GpuUnavailableException {
        figures = memory.read(findings);
        return new MigInstance(gpuInstance, computeInstance, uuid, profile, figures);
    }

    /** The rows of its own lists. Entries say themselves where they are, should a list hold those of a whole GPU instance. */
    List<GpuProcess> processes(Findings findings) throws UnreadableListException, GpuUnavailableException {
        String here = gpuInstance + ":" + computeInstance;
        return lists.read(
                figures == null ? null : figures.totalBytes(),
                entry -> entry.mig().isEmpty() ? here : entry.mig(),
                findings);
    }
}
