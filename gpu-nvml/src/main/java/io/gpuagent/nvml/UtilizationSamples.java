package io.gpuagent.nvml;

import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.UtilizationFunction;
import io.gpuagent.nvml.binding.UtilizationFunction.Sample;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the utilization samples that NVML keeps for the processes of a device. */
final class UtilizationSamples {

    /**
     * The initial capacity. The driver requires space for all entries of its ring buffer, regardless of the number of
     * processes.
     */
    private static final int INITIAL_CAPACITY = 131;

    private final GrowingList list;

    UtilizationSamples(DeviceCalls calls) {
        this.list = new GrowingList(calls, UtilizationFunction.SAMPLES, UtilizationFunction.MAX_SIZE, INITIAL_CAPACITY);
    }

    /**
     * Returns the samples newer than a timestamp, from the newest function that works. Null if none works. Some drivers
     * also return older samples.
     */
    @Nullable
    List<Sample> after(long micros, ReadProblems problems) throws GpuUnavailableException {
        for (UtilizationFunction newest : UtilizationFunction.NEWEST_FIRST) {
            int code = list.call(newest.function(), (byte) 0, newest.countAt(), micros);
            if (code == ReturnCode.SUCCESS) {
                return samples(newest);
            }
            if (code == ReturnCode.NOT_FOUND) {
                return List.of();
            }
            problems.record(newest.function(), code);
        }
        return null;
    }

    /** Returns the samples that have a timestamp. Null if there are samples but none has a timestamp. */
    private @Nullable List<Sample> samples(UtilizationFunction function) {
        int count = list.count(function.countAt());
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Sample sample = function.at().apply(list.buffer(), UtilizationFunction.SAMPLES + i * function.size());
            if (sample.micros() > 0) {
                samples.add(sample);
            }
        }
        return count > 0 && samples.isEmpty() ? null : samples;
    }
}
