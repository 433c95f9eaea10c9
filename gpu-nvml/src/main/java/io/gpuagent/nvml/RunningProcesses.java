package io.gpuagent.nvml;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.DeviceFunctions;
import io.gpuagent.nvml.binding.NativeMemory;
import io.gpuagent.nvml.binding.NvmlFunction;
import java.util.ArrayList;
import java.util.List;

/** NVML's process lists of one device as they lie in memory, in a buffer that is kept and grows with the longest list. */
final class RunningProcesses {

    static final int NO_INSTANCE = -1;
    private static final byte UNWRITTEN = (byte) 0xAA;
    private static final int FIRST_ENTRIES = 65;
    private static final int MOST_ENTRIES = 65_533;
    private static final int ROUNDS = 6;
    private static final int MOST_PID = 4_194_304; // PID_MAX_LIMIT of 64-bit Linux

    /**
     * An entry. Instances are {@link #NO_INSTANCE} where the entry has none.
     *
     * @param memory as an unsigned number; -1 where the driver cannot tell
     */
    record Entry(int pid, long memory, int gpuInstance, int computeInstance) {

        /** {@code GI:CI}; empty where the entry has none. */
        String mig() {
            return gpuInstance == NO_INSTANCE || computeInstance == NO_INSTANCE
                    ? ""
                    : gpuInstance + ":" + computeInstance;
        }

        boolean hasPossiblePid() {
            return isPossiblePid(pid);
        }
    }

    static boolean isPossiblePid(int pid) {
        return pid > 0 && pid <= MOST_PID;
    }

    private final DeviceCalls calls;
    private NativeMemory list = memoryFor(FIRST_ENTRIES);
    private int offered = FIRST_ENTRIES;

    RunningProcesses(DeviceCalls calls) {
        this.calls = calls;
    }

    List<Entry> read(NvmlFunction function) throws UnreadableListException, GpuUnavailableException {
        int code = ReturnCode.INSUFFICIENT_SIZE;
        for (int round = 0; round < ROUNDS && code == ReturnCode.INSUFFICIENT_SIZE; round++) {
            list.fill(UNWRITTEN);
            list.putInt32(0, offered);
            code = calls.call(function, list);
            if (code == ReturnCode.SUCCESS) {
                return entries(function);
            }
            if (code == ReturnCode.INSUFFICIENT_SIZE && !grow(list.uint32(0))) {
                break;
            }
        }
        throw new UnreadableListException(new CallFault(function.symbol(), ReturnCode.name(code)), code);
    }

    /** Twice what is needed, since the list may be longer by the next call; false where no process list can be that long. */
    private boolean grow(long needed) {
        if (needed > MOST_ENTRIES || offered == MOST_ENTRIES) {
            return false;
        }
        offered = (int) Math.min(MOST_ENTRIES, primeToSix(Math.max(2 * needed + 8, 2L * offered)));
        list = memoryFor(offered);
        return true;
    }

    private static long primeToSix(long atLeast) {
        long next = atLeast;
        while (next % 2 == 0 || next % 3 == 0) {
            next++;
        }
        return next;
    }

    private static NativeMemory memoryFor(int entries) {
        // The largest entry for each, whatever we believe: the library writes by its own size.
        return new NativeMemory(DeviceFunctions.LIST_ENTRIES + entries * EntrySizes.LARGEST);
    }

    private List<Entry> entries(NvmlFunction function) throws UnreadableListException {
        int count = (int) Math.min(list.uint32(0), offered);
        if (count == 0) {
            return List.of();
        }
        EntrySizes sizes = calls.session().entrySizes();
        int written = list.extent(DeviceFunctions.LIST_ENTRIES, UNWRITTEN);
        int size = sizes.of(function, written, count, offered, calls.session().nvml());
        List<Entry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            entries.add(entry(DeviceFunctions.LIST_ENTRIES + i * size, size));
        }
        if (2 * entries.stream().filter(Entry::hasPossiblePid).count() < count) {
            sizes.forget(function);
            throw new UnreadableListException(new CallFault(function.symbol(), "INVALID_LIST"), ReturnCode.SUCCESS);
        }
        return entries;
    }

    private Entry entry(int at, int size) {
        boolean instances = size >= 24;
        return new Entry(
                list.int32(at),
                list.int64(at + 8),
                instances ? list.int32(at + 16) : NO_INSTANCE,
                instances ? list.int32(at + 20) : NO_INSTANCE);
    }
}
