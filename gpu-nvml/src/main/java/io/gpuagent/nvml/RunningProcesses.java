package io.gpuagent.nvml;

import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.DeviceFunctions;
import io.gpuagent.nvml.binding.NativeMemory;
import io.gpuagent.nvml.binding.NvmlFunction;
import java.util.ArrayList;
import java.util.List;

/** Reads NVML's process lists of one device or MIG instance. */
final class RunningProcesses {

    static final int NO_INSTANCE = -1;
    private static final byte UNWRITTEN = (byte) 0xAA;
    private static final int INITIAL_CAPACITY = 65;
    private static final int MAX_PID = 4_194_304; // PID_MAX_LIMIT on 64-bit Linux

    /**
     * An entry of a process list.
     *
     * @param memory in bytes, as an unsigned number; -1 if the driver does not know it
     * @param gpuInstance the GPU instance id; {@link #NO_INSTANCE} if there is none
     * @param computeInstance the compute instance id; {@link #NO_INSTANCE} if there is none
     */
    record Entry(int pid, long memory, int gpuInstance, int computeInstance) {

        /** Returns {@code GI:CI}; empty if the process does not run on a MIG instance. */
        String mig() {
            return gpuInstance == NO_INSTANCE || computeInstance == NO_INSTANCE
                    ? ""
                    : gpuInstance + ":" + computeInstance;
        }
    }

    static boolean isPossiblePid(int pid) {
        return pid > 0 && pid <= MAX_PID;
    }

    private final DeviceCalls calls;
    private final GrowingList list;

    RunningProcesses(DeviceCalls calls) {
        this.calls = calls;
        this.list = new GrowingList(calls, DeviceFunctions.LIST_ENTRIES, EntrySizes.MAX_SIZE, INITIAL_CAPACITY);
    }

    /**
     * Reads a list with the newest function that works.
     *
     * @throws CallFailedException if no function works; its fault is that of the newest function that the device
     *     supports
     */
    List<Entry> read(List<NvmlFunction> newestFirst, ReadProblems problems)
            throws CallFailedException, GpuUnavailableException {
        CallFailedException failure = null;
        for (NvmlFunction function : newestFirst) {
            if (calls.session.nvml.exports(function.symbol())) {
                int code = list.call(function, UNWRITTEN, 0, 0);
                if (code == ReturnCode.SUCCESS) {
                    if (failure != null) {
                        problems.add(failure.fault);
                    }
                    return entries(function);
                }
                if (code != DeviceCalls.NOT_CALLED && (failure == null || failure.unsupported())) {
                    failure = new CallFailedException(function.symbol(), code);
                }
            }
        }
        NvmlFunction oldest = newestFirst.get(newestFirst.size() - 1);
        throw failure != null ? failure : new CallFailedException(oldest.symbol(), ReturnCode.FUNCTION_NOT_FOUND);
    }

    private List<Entry> entries(NvmlFunction function) throws CallFailedException {
        int count = list.count(0);
        if (count == 0) {
            return List.of();
        }
        EntrySizes sizes = calls.session.entrySizes;
        int written = list.buffer().writtenLength(DeviceFunctions.LIST_ENTRIES, UNWRITTEN);
        int size = sizes.of(function, written, count, list.capacity(), calls.session.nvml);
        List<Entry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            entries.add(entry(DeviceFunctions.LIST_ENTRIES + i * size, size));
        }
        if (2 * entries.stream().filter(entry -> isPossiblePid(entry.pid())).count() < count) {
            sizes.forget(function);
            calls.refused(function, ReturnCode.UNKNOWN);
            throw new CallFailedException(function.symbol(), "INVALID_LIST");
        }
        return entries;
    }

    /**
     * Reads an entry by offsets. The structures of the bindings cannot be used, since the layout depends on the
     * measured size.
     */
    private Entry entry(int offset, int size) {
        NativeMemory buffer = list.buffer();
        boolean hasInstances = size >= 24;
        return new Entry(
                buffer.int32(offset),
                buffer.int64(offset + 8),
                hasInstances ? buffer.int32(offset + 16) : NO_INSTANCE,
                hasInstances ? buffer.int32(offset + 20) : NO_INSTANCE);
    }
}
