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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Calls on one device, or one MIG instance, in one session. Only one thread at a time makes calls; any thread may read
 * {@link #inProgress()}.
 */
final class DeviceCalls {

    final Session session;
    final DeviceHandle handle;
    private final Set<NvmlFunction> unsupported = new HashSet<>();
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

    /** Calls on a MIG instance of the device, made by the same thread. */
    DeviceCalls on(DeviceHandle instance) {
        return new DeviceCalls(session, instance, inProgress);
    }

    Optional<String> inProgress() {
        return Optional.ofNullable(inProgress.get());
    }

    /** Makes the next call of each unsupported function reach the driver again. */
    void retryUnsupported() {
        unsupported.clear();
    }

    /**
     * Calls a function and returns NVML's return code. If the device or the library does not support the function, the
     * code is {@link ReturnCode#NOT_SUPPORTED} whichever error the driver returned, and the driver is not called again
     * until {@link #retryUnsupported()}.
     *
     * @throws GpuUnavailableException if the code means that the device is lost or the session has ended
     */
    int call(NvmlFunction function, NativeMemory buffer) throws GpuUnavailableException {
        if (unsupported.contains(function)) {
            return ReturnCode.NOT_SUPPORTED;
        }
        int code = callNamed(function, buffer);
        if (ReturnCode.losesDevice(code)) {
            throw new GpuUnavailableException(new CallFault(function.symbol(), ReturnCode.name(code)));
        }
        if (ReturnCode.notOffered(code)) {
            unsupported.add(function);
            return ReturnCode.NOT_SUPPORTED;
        }
        return code;
    }

    /**
     * Like {@link #call}, but fills the buffer with {@code 0xFF} first, so that values the driver did not write are
     * recognised: some drivers return SUCCESS and write nothing. Records a failure in {@code problems}.
     */
    int query(NvmlFunction function, NativeMemory buffer, ReadProblems problems) throws GpuUnavailableException {
        buffer.fill((byte) 0xFF);
        int code = call(function, buffer);
        problems.record(function, code);
        return code;
    }

    private int callNamed(NvmlFunction function, NativeMemory buffer) {
        inProgress.set(function.symbol());
        try {
            return session.nvml.call(function, handle, buffer);
        } finally {
            inProgress.set(null);
        }
    }

    /** A text that the device cannot be used without. */
    String text(NvmlFunction function, NativeMemory buffer) throws GpuUnavailableException {
        buffer.fill((byte) 0);
        int code = call(function, buffer);
        if (code != ReturnCode.SUCCESS) {
            throw new GpuUnavailableException(new CallFault(function.symbol(), ReturnCode.name(code)));
        }
        return DeviceFunctions.text(buffer);
    }

    String textOrEmpty(NvmlFunction function, Function<NativeMemory, String> text, NativeMemory buffer)
            throws GpuUnavailableException {
        buffer.fill((byte) 0);
        return call(function, buffer) == ReturnCode.SUCCESS ? text.apply(buffer) : "";
    }
}
