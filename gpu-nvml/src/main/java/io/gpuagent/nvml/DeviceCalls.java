package io.gpuagent.nvml;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.DeviceFunctions;
import io.gpuagent.nvml.binding.DeviceHandle;
import io.gpuagent.nvml.binding.NativeMemory;
import io.gpuagent.nvml.binding.Nvml;
import io.gpuagent.nvml.binding.NvmlFunction;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Calls on one device, or one MIG instance, in one session. Only one thread at a time makes calls; any thread may read
 * {@link #inProgress()}.
 */
final class DeviceCalls {

    /** Returned instead of calling a function that failed several times; neither a success nor a fault. */
    static final int NOT_CALLED = -1;

    final Session session;
    final DeviceHandle handle;
    private final Refusals refusals = new Refusals();
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

    /** Makes the next call of each function reach the driver again, whatever it returned. */
    void retryAll() {
        refusals.clear();
    }

    /** Makes the next call of each of these functions reach the driver again. */
    void retry(List<NvmlFunction> functions) {
        functions.forEach(refusals::forget);
    }

    /**
     * Calls a function and returns NVML's return code. If the device or the library does not support the function, the
     * code is {@link ReturnCode#NOT_SUPPORTED} whichever error the driver returned. A function that fails is called more
     * and more rarely (see {@link Refusals}); in between, the code is NOT_SUPPORTED or {@link #NOT_CALLED}.
     *
     * @throws GpuUnavailableException if the code means that the device is lost or the session has ended
     */
    int call(NvmlFunction function, NativeMemory buffer) throws GpuUnavailableException {
        return call(function, buffer, false);
    }

    /** Like {@link #call}, but the caller calls again with a larger buffer if the code is INSUFFICIENT_SIZE. */
    int callGrowing(NvmlFunction function, NativeMemory buffer) throws GpuUnavailableException {
        return call(function, buffer, true);
    }

    private int call(NvmlFunction function, NativeMemory buffer, boolean growing) throws GpuUnavailableException {
        Integer instead = refusals.instead(function, System.nanoTime());
        if (instead != null) {
            return instead;
        }
        int code = callNamed(function, buffer);
        if (ReturnCode.losesDevice(code)) {
            throw new GpuUnavailableException(new CallFault(function.symbol(), ReturnCode.name(code)));
        }
        return growing && code == ReturnCode.INSUFFICIENT_SIZE ? code : refused(function, code);
    }

    /** Records the code of a call, or of a result that cannot be used, and returns the code for the caller. */
    int refused(NvmlFunction function, int code) {
        return refusals.record(function, code, System.nanoTime());
    }

    /**
     * Calls like {@link #call}, but fills the buffer with {@code 0xFF} first, so that values the driver did not write
     * are recognized: some drivers return SUCCESS and write nothing. Records a failure in {@code problems}.
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
