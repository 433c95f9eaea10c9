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

/** NVML's utilization samples of a device, per process. */
final class UtilizationSamples {

    /** The initial capacity. The driver requires room for its whole ring, whatever the number of processes. */
    private static final int INITIAL_CAPACITY = 131;

    private static final int MAX_SIZE = 40;

    /**
     * Blackwell GPUs refuse the older call, and some libraries refuse the newer one (Project-HAMi/HAMi-core PR#218).
     */
    private static final List<Layout> NEWEST_FIRST = List.of(
            new Layout(DeviceFunctions.PROCESSES_UTILIZATION, 4, MAX_SIZE, 0, 8, 12),
            new Layout(DeviceFunctions.PROCESS_UTILIZATION, 0, 32, 8, 0, 16));

    /** The offsets of a call's count and of a sample's values. The percentages of the engines are consecutive. */
    private record Layout(NvmlFunction function, int count, int size, int time, int pid, int percents) {}

    /**
     * A process's utilization of the engines at one time.
     *
     * @param micros on the library's clock; 0 in a slot of the ring that was never written
     * @param percents unsigned numbers, in the order of {@link Engine}
     */
    record Sample(long micros, int pid, List<Long> percents) {}

    private final GrowingList list;

    UtilizationSamples(DeviceCalls calls) {
        this.list = new GrowingList(calls, DeviceFunctions.UTILIZATION_SAMPLES, MAX_SIZE, INITIAL_CAPACITY);
    }

    /**
     * The samples newer than a timestamp, from the newest call that the device supports; null if it supports none. Some
     * drivers return older samples as well.
     */
    @Nullable
    List<Sample> after(long micros, ReadProblems problems) throws GpuUnavailableException {
        for (Layout layout : NEWEST_FIRST) {
            int code = list.call(layout.function(), (byte) 0, layout.count(), micros);
            if (code == ReturnCode.SUCCESS) {
                return samples(layout);
            }
            if (code == ReturnCode.NOT_FOUND) {
                return List.of();
            }
            problems.record(layout.function(), code);
            if (!ReturnCode.notOffered(code)) {
                return null;
            }
        }
        return null;
    }

    /** The samples that have a timestamp; null if there are samples and none has one. */
    private @Nullable List<Sample> samples(Layout layout) {
        NativeMemory buffer = list.buffer();
        int count = list.count(layout.count());
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int offset = DeviceFunctions.UTILIZATION_SAMPLES + i * layout.size();
            long micros = buffer.int64(offset + layout.time());
            if (micros > 0) {
                List<Long> percents = Arrays.stream(Engine.values())
                        .map(engine -> buffer.uint32(offset + layout.percents() + 4 * engine.ordinal()))
                        .toList();
                samples.add(new Sample(micros, buffer.int32(offset + layout.pid()), percents));
            }
        }
        return count > 0 && samples.isEmpty() ? null : samples;
    }
}
