package io.gpuagent.nvml;

import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.NativeMemory;
import io.gpuagent.nvml.binding.NvmlFunction;

/** A list of NVML's as it lies in memory, which is kept and grows with the longest one. */
final class GrowingList {

    private static final int MOST = 65_533;
    private static final int ROUNDS = 6;

    private final DeviceCalls calls;
    private final int header;
    private final int largest;
    private int offered;
    private NativeMemory memory;

    /**
     * @param header how many bytes are before the entries
     * @param largest how many bytes an entry may have: the library writes by its own size, whatever we believe
     * @param offered for how many there is room at first, prime to 6 as it is later, so that a list that was only cleared is told from one
     *     that was written
     */
    GrowingList(DeviceCalls calls, int header, int largest, int offered) {
        this.calls = calls;
        this.header = header;
        this.largest = largest;
        this.offered = offered;
        this.memory = memoryFor(offered);
    }

    private NativeMemory memoryFor(int entries) {
        return new NativeMemory(header + entries * largest);
    }

    NativeMemory memory() {
        return memory;
    }

    int offered() {
        return offered;
    }

    /**
     * The return code of a call that answers the list, once it fits.
     *
     * @param filler what all of the memory is before
     * @param countAt where the count stands, offered and answered
     * @param question what stands at 8 before, for functions that read it
     */
    int ask(NvmlFunction function, byte filler, int countAt, long question) throws GpuUnavailableException {
        int code = ReturnCode.INSUFFICIENT_SIZE;
        for (int round = 0; round < ROUNDS && code == ReturnCode.INSUFFICIENT_SIZE; round++) {
            memory.fill(filler);
            memory.putInt64(8, question);
            memory.putInt32(countAt, offered);
            code = calls.call(function, memory);
            if (code == ReturnCode.INSUFFICIENT_SIZE && !grow(memory.uint32(countAt))) {
                break;
            }
        }
        return code;
    }

    /** How many entries there are after a call that succeeded. */
    int count(int countAt) {
        return (int) Math.min(memory.uint32(countAt), offered);
    }

    /** Twice what is needed, since the list may be longer by the next call; false where no list can be that long. */
    private boolean grow(long needed) {
        if (needed > MOST || offered == MOST) {
            return false;
        }
        long next = Math.max(2 * needed + 8, 2L * offered);
        while (next % 2 == 0 || next % 3 == 0) {
            next++;
        }
        offered = (int) Math.min(MOST, next);
        memory = memoryFor(offered);
        return true;
    }
}
