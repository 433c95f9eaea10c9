package io.gpuagent.nvml.binding;

import java.util.List;
import java.util.function.BiFunction;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlDevice_st;
import org.bytedeco.cuda.nvml.nvmlProcessUtilizationInfo_v1_t;
import org.bytedeco.cuda.nvml.nvmlProcessUtilizationSample_t;
import org.bytedeco.cuda.nvml.nvmlProcessesUtilizationInfo_v1_t;

/**
 * A function that returns the utilization samples of a device's processes. The input at offset 8 of its buffer is the
 * timestamp (64 bits) from which on samples are requested; the samples start at {@link #SAMPLES}.
 *
 * @param countAt the offset of a 32-bit number: the capacity before the call, the number of samples after it
 * @param size the size of a sample in bytes
 * @param at the sample at an offset
 */
public record UtilizationFunction(
        NvmlFunction function, int countAt, int size, BiFunction<NativeMemory, Integer, Sample> at) {

    /**
     * A process's utilization of the engines at one time.
     *
     * @param micros on the library's clock; 0 in a slot of the ring that was never written
     * @param percents unsigned numbers, in the order of {@link io.gpuagent.device.Engine}
     */
    public record Sample(long micros, int pid, List<Integer> percents) {}

    public static final int SAMPLES = 24;

    /** The size of the larger of the two kinds of samples. */
    public static final int MAX_SIZE = 40;

    /**
     * Blackwell GPUs refuse the older call, and some libraries refuse the newer one (Project-HAMi/HAMi-core PR#218),
     * which R550 introduced.
     */
    public static final List<UtilizationFunction> NEWEST_FIRST = List.of(
            new UtilizationFunction(
                    new NvmlFunction(
                            "nvmlDeviceGetProcessesUtilizationInfo",
                            NvmlFunction.NOTHING,
                            UtilizationFunction::newer,
                            nvmlProcessesUtilizationInfo_v1_t.class,
                            nvmlProcessUtilizationInfo_v1_t.class),
                    4,
                    MAX_SIZE,
                    (buffer, offset) -> newerSample(buffer.structAt(offset, nvmlProcessUtilizationInfo_v1_t::new))),
            new UtilizationFunction(
                    new NvmlFunction(
                            "nvmlDeviceGetProcessUtilization",
                            "GPU utilization and energy of each process",
                            UtilizationFunction::older,
                            nvmlProcessUtilizationSample_t.class),
                    0,
                    32,
                    (buffer, offset) -> olderSample(buffer.structAt(offset, nvmlProcessUtilizationSample_t::new))));

    private static Sample newerSample(nvmlProcessUtilizationInfo_v1_t of) {
        return new Sample(of.timeStamp(), of.pid(), List.of(of.smUtil(), of.memUtil(), of.encUtil(), of.decUtil()));
    }

    private static Sample olderSample(nvmlProcessUtilizationSample_t of) {
        return new Sample(of.timeStamp(), of.pid(), List.of(of.smUtil(), of.memUtil(), of.encUtil(), of.decUtil()));
    }

    private static int newer(nvmlDevice_st device, NativeMemory samples) {
        nvmlProcessesUtilizationInfo_v1_t request = samples.structAt(0, nvmlProcessesUtilizationInfo_v1_t::new);
        request.version(Structure.version(request, 1)) // without it the driver returns ARGUMENT_VERSION_MISMATCH
                .procUtilArray(samples.structAt(SAMPLES, nvmlProcessUtilizationInfo_v1_t::new));
        return nvml.nvmlDeviceGetProcessesUtilizationInfo(device, request);
    }

    private static int older(nvmlDevice_st device, NativeMemory samples) {
        return nvml.nvmlDeviceGetProcessUtilization(
                device,
                samples.structAt(SAMPLES, nvmlProcessUtilizationSample_t::new),
                samples.intAt(0),
                samples.int64(8));
    }
}
