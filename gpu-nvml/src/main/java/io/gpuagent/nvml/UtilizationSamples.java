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
import org.jspecify.annotations.Nullable;

/** NVML's samples of how busy processes keep a device. */
final class UtilizationSamples {

    /** The whole ring is what is asked for, and not how many processes there are. */
    private static final int FIRST_SAMPLES = 131;

    private static final int LARGEST = 40;

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
    record Sample(long micros, int pid, List<Long> percents) {}

    private final GrowingList list;

    UtilizationSamples(DeviceCalls calls) {
        this.list = new GrowingList(calls, DeviceFunctions.UTILIZATION_SAMPLES, LARGEST, FIRST_SAMPLES);
    }

    /** The samples after a time, and with some drivers others: by the newest call that the device offers; null where it does not tell. */
    @Nullable
    List<Sample> after(long micros, ReadProblems findings) throws GpuUnavailableException {
        for (Layout layout : NEWEST_FIRST) {
            int code = list.ask(layout.function(), (byte) 0, layout.count(), micros);
            if (code == ReturnCode.SUCCESS) {
                return samples(layout);
            }
            if (code == ReturnCode.NOT_FOUND) {
                return List.of();
            }
            findings.answered(layout.function(), code);
            if (!ReturnCode.notOffered(code)) {
                return null;
            }
        }
        return null;
    }

    /** Those with a time; null if there are some and none has one. */
    private @Nullable List<Sample> samples(Layout layout) {
        NativeMemory memory = list.memory();
        int count = list.count(layout.count());
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int at = DeviceFunctions.UTILIZATION_SAMPLES + i * layout.size();
            long micros = memory.int64(at + layout.time());
            if (micros > 0) {
                List<Long> percents = Arrays.stream(Engine.values())
                        .map(engine -> memory.uint32(at + layout.percents() + 4 * engine.ordinal()))
                        .toList();
                samples.add(new Sample(micros, memory.int32(at + layout.pid()), percents));
            }
        }
        return count > 0 && samples.isEmpty() ? null : samples;
    }
}
