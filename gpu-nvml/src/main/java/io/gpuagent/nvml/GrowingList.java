package io.gpuagent.nvml;

import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.NativeMemory;
import io.gpuagent.nvml.binding.NvmlFunction;

/** A reusable buffer for NVML functions that return a list. It grows to fit the longest list seen. */
final class GrowingList {

    private static final int MAX_ENTRIES = 65_533;
    private static final int MAX_ATTEMPTS = 6;

    private final DeviceCalls calls;
    private final int header;
    private final int maxEntrySize;
    private int capacity;
    private NativeMemory buffer;

    /**
     * @param header the number of bytes before the entries
     * @param maxEntrySize the largest possible size of an entry; the library determines the actual size
     * @param capacity the initial number of entries that the buffer has room for. It must be coprime to 6, like all
     *     later capacities (see {@link EntrySizes#of})
     */
    GrowingList(DeviceCalls calls, int header, int maxEntrySize, int capacity) {
        this.calls = calls;
        this.header = header;
        this.maxEntrySize = maxEntrySize;
        this.capacity = capacity;
        this.buffer = bufferFor(capacity);
    }

    private NativeMemory bufferFor(int entries) {
        return new NativeMemory(header + entries * maxEntrySize);
    }

    NativeMemory buffer() {
        return buffer;
    }

    int capacity() {
        return capacity;
    }

    /**
     * Calls a function that returns a list. Repeats the call with a larger buffer until the list fits. Returns the last
     * return code.
     *
     * @param filler the byte that the buffer is filled with before each call
     * @param countAt the offset of a 32-bit number that holds the capacity before the call and the number of entries
     *     after it
     * @param input the 64-bit input at offset 8, for functions that read one there
     */
    int call(NvmlFunction function, byte filler, int countAt, long input) throws GpuUnavailableException {
        int code = ReturnCode.INSUFFICIENT_SIZE;
        for (int attempt = 0; attempt < MAX_ATTEMPTS && code == ReturnCode.INSUFFICIENT_SIZE; attempt++) {
            buffer.fill(filler);
            buffer.putInt64(8, input);
            buffer.putInt32(countAt, capacity);
            code = calls.callGrowing(function, buffer);
            if (code == ReturnCode.INSUFFICIENT_SIZE && !grow(buffer.uint32(countAt))) {
                break;
            }
        }
        return code == ReturnCode.INSUFFICIENT_SIZE ? calls.refused(function, code) : code;
    }

    /** The number of entries that a successful call wrote, never more than the capacity. */
    int count(int countAt) {
        return (int) Math.min(buffer.uint32(countAt), capacity);
    }

    /**
     * Grows to twice the needed size, since the list may be longer at the next call. Returns false if the needed size
     * is implausible or the buffer has its maximum size.
     */
    private boolean grow(long needed) {
        if (needed > MAX_ENTRIES || capacity == MAX_ENTRIES) {
            return false;
        }
        long next = Math.max(2 * needed + 8, 2L * capacity);
        while (next % 2 == 0 || next % 3 == 0) {
            next++;
        }
        capacity = (int) Math.min(MAX_ENTRIES, next);
        buffer = bufferFor(capacity);
        return true;
    }
}
