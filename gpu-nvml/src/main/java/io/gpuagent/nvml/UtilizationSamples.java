package io.gpuagent.nvml;

import io.gpuagent.device.Engine;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.DeviceFunctions;
import io.gpuagent.nvml.binding.NativeMemory;
import io.gpuagent.nvml.binding.NvmlFunction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** NVML's samples of how busy processes keep a device, as they lie in memory, in a buffer that is kept and grows with the longest answer. */
final class UtilizationSamples {

    private static final int FIRST_SAMPLES = 128;
    private static final int MOST_SAMPLES = 65_536;
    private static final int LARGEST = 40;
    private static final int ROUNDS = 6;

    /** Cards of the Blackwell generation refuse the older call, and some libraries the newer one (Project-HAMi/HAMi-core PR#218). */
    private static final List<Layout> NEWEST_FIRST = List.of(
            new Layout(DeviceFunctions.PROCESSES_UTILIZATION, 4, LARGEST, 0, 8, 12),
            new Layout(DeviceFunctions.PROCESS_UTILIZATION, 0, 32, 8, 0, 16));

    /** Where a call has the count, and a sample its values; those of the engines follow each other. */
    private record Layout(NvmlFunction function, int count, int size, int time, int pid, int percents) {}

    /**
     * How busy a process kept the device at one time.
     *
     * @param micros on the library's clock; 0 in a place of the ring that was never written
     * @param percents unsigned numbers, in the order of {@link Engine}
     */
    record Sample(long micros, int pid, List<Long> percents) {

        boolean hasPossiblePid() {
            return RunningProcesses.isPossiblePid(pid);
        }
    }

    /**
     * What the device answered.
     *
     * @param samples those with a time
     * @param tellsNothing whether there are samples and none has a time
     */
    record Answer(int code, List<Sample> samples, boolean tellsNothing) {

        static Answer refusal(int code) {
            return new Answer(code, List.of(), false);
        }
    }

    private final DeviceCalls calls;
    private NativeMemory memory = memoryFor(FIRST_SAMPLES);
    private int offered = FIRST_SAMPLES;

    UtilizationSamples(DeviceCalls calls) {
        this.calls = calls;
    }

    private static NativeMemory memoryFor(int samples) {
        return new NativeMemory(DeviceFunctions.UTILIZATION_SAMPLES + samples * LARGEST);
    }

    /** The samples after a time, and with some drivers others: by the newest call that the device offers. */
    Answer after(long micros, Findings findings) throws GpuUnavailableException {
        for (Layout layout : NEWEST_FIRST) {
            int code = ask(layout, micros);
            if (code == ReturnCode.SUCCESS) {
                return answer(layout);
            }
            if (code == ReturnCode.NOT_FOUND) {
                return Answer.refusal(code);
            }
            findings.answered(layout.function(), code);
            if (!ReturnCode.notOffered(code)) {
                return Answer.refusal(code);
            }
        }
        return Answer.refusal(ReturnCode.NOT_SUPPORTED);
    }

    private int ask(Layout layout, long micros) throws GpuUnavailableException {
        int code = ReturnCode.INSUFFICIENT_SIZE;
        for (int round = 0; round < ROUNDS && code == ReturnCode.INSUFFICIENT_SIZE; round++) {
            memory.fill((byte) 0);
            memory.putInt32(layout.count(), offered);
            memory.putInt64(8, micros);
            code = calls.call(layout.function(), memory);
            if (code == ReturnCode.INSUFFICIENT_SIZE && !grow(memory.uint32(layout.count()))) {
                break;
            }
        }
        return code;
    }

    /** The whole ring is what is asked for, and not how many processes there are; false where no ring can be that long. */
    private boolean grow(long needed) {
        if (needed > MOST_SAMPLES || offered == MOST_SAMPLES) {
            return false;
        }
        offered = (int) Math.min(MOST_SAMPLES, Math.max(needed, 2L * offered));
        memory = memoryFor(offered);
        return true;
    }

    private Answer answer(Layout layout) {
        int count = (int) Math.min(memory.uint32(layout.count()), offered);
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int at = DeviceFunctions.UTILIZATION_SAMPLES + i * layout.size();
            long micros = memory.int64(at + layout.time());
            if (micros > 0) {
                samples.add(new Sample(micros, memory.int32(at + layout.pid()), percents(at + layout.percents())));
            }
        }
        return new Answer(ReturnCode.SUCCESS, samples, count > 0 && samples.isEmpty());
    }

    private List<Long> percents(int at) {
        return Arrays.stream(Engine.values())
                .map(engine -> memory.uint32(at + 4 * engine.ordinal()))
                .toList();
    }
}
