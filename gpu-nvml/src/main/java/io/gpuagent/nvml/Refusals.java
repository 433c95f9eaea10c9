package io.gpuagent.nvml;

import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.NvmlFunction;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The functions that failed on a device, and when each may be called again. A function that fails the same way several
 * times is called ever more rarely, down to once an hour: a refused call costs time, and in a vGPU guest it may write a
 * line into the kernel log. Times are those of a monotonic clock, in nanoseconds.
 */
final class Refusals {

    private static final long FIRST_WAIT = 5_000_000_000L;
    private static final long MAX_WAIT = 3600_000_000_000L;

    /** The number of equal failures after which a function is no longer called at every reading. */
    private static final int SEVERAL = 3;

    /** By function, or by symbol if the driver calls it deprecated. */
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
     * The code to return instead of calling a function: NOT_SUPPORTED, or {@link DeviceCalls#NOT_CALLED} after another
     * failure; null if the function may be called.
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
     * Records the result of a call and returns the code for the caller: NOT_SUPPORTED if the function is unsupported,
     * whichever way the driver says so. That a symbol is deprecated is returned only once.
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

    /** Lets a function be called again. */
    void forget(NvmlFunction function) {
        refusals.remove(function);
        refusals.remove(function.symbol());
    }

    /** Lets all functions be called again, since what a device supports may have changed. */
    void clear() {
        refusals.clear();
    }
}
