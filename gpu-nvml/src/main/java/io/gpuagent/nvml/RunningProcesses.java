package io.gpuagent.nvml;

import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.DeviceFunctions;
import io.gpuagent.nvml.binding.NativeMemory;
import io.gpuagent.nvml.binding.NvmlFunction;
import java.util.ArrayList;
import java.util.List;

/** NVML's process lists of one device. */
final class RunningProcesses {

    static final int NO_INSTANCE = -1;
    private static final byte UNWRITTEN = (byte) 0xAA;
    private static final int FIRST_ENTRIES = 65;
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
    }

    static boolean isPossiblePid(int pid) {
        return pid > 0 && pid <= MOST_PID;
    }

    private final Session session;
    private final GrowingList list;

    RunningProcesses(DeviceCalls calls) {
        this.session = calls.session;
        this.list = new GrowingList(calls, DeviceFunctions.LIST_ENTRIES, EntrySizes.LARGEST, FIRST_ENTRIES);
    }

    /** By the first of the functions that the card and its library offer. */
    List<Entry> read(List<NvmlFunction> newestFirst) throws RefusedException, GpuUnavailableException {
        NvmlFunction asked = newestFirst.get(newestFirst.size() - 1);
        int code = ReturnCode.FUNCTION_NOT_FOUND;
        for (NvmlFunction function : newestFirst) {
            if (ReturnCode.notOffered(code) && session.nvml.exports(function.symbol())) {
                asked = function;
                code = list.ask(function, UNWRITTEN, 0, 0);
            }
        }
        RefusedException.check(asked.symbol(), code);
        return entries(asked);
    }

    private List<Entry> entries(NvmlFunction function) throws RefusedException {
        int count = list.count(0);
        if (count == 0) {
            return List.of();
        }
        EntrySizes sizes = session.entrySizes;
        int written = list.memory().extent(DeviceFunctions.LIST_ENTRIES, UNWRITTEN);
        int size = sizes.of(function, written, count, list.offered(), session.nvml);
        List<Entry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            entries.add(entry(DeviceFunctions.LIST_ENTRIES + i * size, size));
        }
        if (2 * entries.stream().filter(entry -> isPossiblePid(entry.pid())).count() < count) {
            sizes.forget(function);
            throw new RefusedException(function.symbol(), "INVALID_LIST");
        }
        return entries;
    }

    private Entry entry(int at, int size) {
        NativeMemory memory = list.memory();
        boolean instances = size >= 24;
        return new Entry(
                memory.int32(at),
                memory.int64(at + 8),
                instances ? memory.int32(at + 16) : NO_INSTANCE,
                instances ? memory.int32(at + 20) : NO_INSTANCE);
    }
}
