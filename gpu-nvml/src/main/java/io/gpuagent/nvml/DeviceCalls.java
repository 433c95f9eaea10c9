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
 * Makes NVML calls for one device or MIG instance in one session. Only one thread may make calls at a time. Any thread
 * may read {@link #inProgress()}.
 */
final class DeviceCalls {

    /**
     * Returned without calling the function, because it failed several times. It counts neither as a success nor as a
     * fault.
     */
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

    /**
     * Returns the calls for a MIG instance of this device. The same thread must make them, since both objects share
     * {@link #inProgress()}.
     */
    DeviceCalls on(DeviceHandle instance) {
        return new DeviceCalls(session, instance, inProgress);
    }

    Optional<String> inProgress() {
        return Optional.ofNullable(inProgress.get());
    }

    /** Makes the next call of every function reach the driver, even if earlier calls failed. */
    void retryAll() {
        refusals.clear();
    }

    /** Makes the next call of each of these functions reach the driver, even if earlier calls failed. */
    void retry(List<NvmlFunction> functions) {
        functions.forEach(refusals::forget);
    }

    /**
     * Calls a function and returns NVML's return code. If the device or the library does not support the function, the
     * code is {@link ReturnCode#NOT_SUPPORTED}, whatever error the driver returned. A function that keeps failing is
     * called less and less often (see {@link Refusals}). If the call is skipped, the code is NOT_SUPPORTED or {@link
     * #NOT_CALLED}.
     *
     * @throws GpuUnavailableException if the code means that the device is lost or the session has ended
     */
    int call(NvmlFunction function, NativeMemory buffer) throws GpuUnavailableException {
        return call(function, buffer, false);
    }

    /**
     * Like {@link #call}, but INSUFFICIENT_SIZE does not count as a failure: the caller repeats the call with a larger
     * buffer.
     */
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

    /**
     * Records the return code of a call, or an error code for a result that cannot be used. Returns the code that the
     * caller should use.
     */
    int refused(NvmlFunction function, int code) {
        return refusals.record(function, code, System.nanoTime());
    }

    /**
     * Like {@link #call}, but first fills the buffer with {@code 0xFF}, to detect drivers that return SUCCESS without
     * writing a value. Records a failure in {@code problems}.
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

    /** Reads a text that is required to use the device, such as its UUID. Throws if the call fails. */
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
