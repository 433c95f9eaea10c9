package io.gpuagent.nvml;

import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.NvmlFunction;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The functions that failed on a device, and when each may be called again. The wait doubles with each failure of the
 * same kind, up to one hour: a failing call costs time, and in a vGPU guest it may write a line to the kernel log. All
 * times are in nanoseconds of a monotonic clock.
 */
final class Refusals {

    private static final long FIRST_WAIT = 5_000_000_000L;
    private static final long MAX_WAIT = 3600_000_000_000L;

    /**
     * The number of consecutive failures with the same code after which a function is no longer called at every sample.
     */
    private static final int SEVERAL = 3;

    /** By function; by symbol if the driver returned DEPRECATED, which concerns all functions with this symbol. */
    private final Map<Object, Refusal> refusals = new HashMap<>();

    private record Refusal(int code, int times, long at) {

        boolean isUnsupported() {
            return ReturnCode.notOffered(code) || code == ReturnCode.DEPRECATED;
        }

        boolean holds(long now) {
            int doublings = isUnsupported() ? times - 1 : times - SEVERAL;
            return doublings >= 0 && now - at < Math.min(MAX_WAIT, FIRST_WAIT << Math.min(doublings, 10));
        }
    }

    /**
     * Returns the code to use instead of calling a function: NOT_SUPPORTED, or {@link DeviceCalls#NOT_CALLED} if the
     * function failed for another reason. Null if the function may be called.
     */
    @Nullable
    Integer instead(NvmlFunction function, long now) {
        Refusal refusal = refusals.getOrDefault(function, refusals.get(function.symbol()));
        if (refusal == null || !refusal.holds(now)) {
            return null;
        }
        return refusal.isUnsupported() ? ReturnCode.NOT_SUPPORTED : DeviceCalls.NOT_CALLED;
    }

    /**
     * Records the return code of a call, and returns the code that the caller should use. All codes for an unsupported
     * function become NOT_SUPPORTED. DEPRECATED is returned unchanged the first time, so that it is reported once.
     */
    int record(NvmlFunction function, int code, long now) {
        if (code == ReturnCode.SUCCESS || code == ReturnCode.NOT_FOUND) {
            forget(function);
            return code;
        }
        Object key = code == ReturnCode.DEPRECATED ? function.symbol() : function;
        Refusal before = refusals.get(key);
        Refusal refusal = new Refusal(code, before != null && before.code == code ? before.times + 1 : 1, now);
        refusals.put(key, refusal);
        return refusal.isUnsupported() && (code != ReturnCode.DEPRECATED || refusal.times > 1)
                ? ReturnCode.NOT_SUPPORTED
                : code;
    }

    /** Allows a function to be called again. */
    void forget(NvmlFunction function) {
        refusals.remove(function);
        refusals.remove(function.symbol());
    }

    /** Allows all functions to be called again, because the device may now support others. */
    void clear() {
        refusals.clear();
    }
}
