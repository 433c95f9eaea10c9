package io.gpuagent.nvml;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.DeviceFunctions;
import io.gpuagent.nvml.binding.DeviceHandle;
import io.gpuagent.nvml.binding.NativeMemory;
import io.gpuagent.nvml.binding.Nvml;
import io.gpuagent.nvml.binding.NvmlFunction;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Calls on one device in one session. One thread at a time calls; any may ask what it is inside of. */
final class DeviceCalls {

    final Session session;
    final DeviceHandle handle;
    private final Set<NvmlFunction> notOffered = new HashSet<>();
    private final AtomicReference<@Nullable String> inProgress;

    private DeviceCalls(Session session, DeviceHandle handle, AtomicReference<@Nullable String> inProgress) {
        this.session = session;
        this.handle = handle;
        this.inProgress = inProgress;
    }

    static DeviceCalls open(Session session, int index) throws GpuUnavailableException {
        DeviceHandle handle = new DeviceHandle();
        int code = session.nvml.handle(index, handle);
        if (code != ReturnCode.SUCCESS) {
            throw new GpuUnavailableException(new CallFault(Nvml.HANDLE, ReturnCode.name(code)));
        }
        return new DeviceCalls(session, handle, new AtomicReference<>());
    }

    /** Calls on a MIG instance of the device, by the same thread. */
    DeviceCalls on(DeviceHandle instance) {
        return new DeviceCalls(session, instance, inProgress);
    }

    Optional<String> inProgress() {
        return Optional.ofNullable(inProgress.get());
    }

    /** Has everything asked again that the card did not offer. */
    void askAgain() {
        notOffered.clear();
    }

    /**
     * NVML's return code. A function that the card does not offer answers {@link ReturnCode#NOT_SUPPORTED} whichever way it was refused,
     * and is not asked again before {@link #askAgain()}.
     */
    int call(NvmlFunction function, NativeMemory answer) throws GpuUnavailableException {
        if (notOffered.contains(function)) {
            return ReturnCode.NOT_SUPPORTED;
        }
        int code = named(function, answer);
        if (ReturnCode.losesDevice(code)) {
            throw new GpuUnavailableException(new CallFault(function.symbol(), ReturnCode.name(code)));
        }
        if (ReturnCode.notOffered(code)) {
            notOffered.add(function);
            return ReturnCode.NOT_SUPPORTED;
        }
        return code;
    }

    /** Likewise, with an answer in which what the driver leaves unwritten shows, for SUCCESS may stand over nothing; a failure is noted. */
    int ask(NvmlFunction function, NativeMemory answer, ReadProblems findings) throws GpuUnavailableException {
        answer.fill((byte) 0xFF);
        int code = call(function, answer);
        findings.answered(function, code);
        return code;
    }

    private int named(NvmlFunction function, NativeMemory answer) {
        inProgress.set(function.symbol());
        try {
            return session.nvml.call(function, handle, answer);
        } finally {
            inProgress.set(null);
        }
    }

    /** A text without which the device is of no use. */
    String text(NvmlFunction function, NativeMemory answer) throws GpuUnavailableException {
        answer.fill((byte) 0);
        int code = call(function, answer);
        if (code != ReturnCode.SUCCESS) {
            throw new GpuUnavailableException(new CallFault(function.symbol(), ReturnCode.name(code)));
        }
        return answer.text(0, DeviceFunctions.TEXT_SIZE);
    }

    String textOrEmpty(NvmlFunction function, int offset, int length, NativeMemory answer)
            throws GpuUnavailableException {
        answer.fill((byte) 0);
        return call(function, answer) == ReturnCode.SUCCESS ? answer.text(offset, length) : "";
    }
}
