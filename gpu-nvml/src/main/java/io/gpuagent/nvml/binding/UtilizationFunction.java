package io.gpuagent.nvml.binding;

import java.util.List;
import java.util.function.BiFunction;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlDevice_st;
import org.bytedeco.cuda.nvml.nvmlProcessUtilizationInfo_v1_t;
import org.bytedeco.cuda.nvml.nvmlProcessUtilizationSample_t;
import org.bytedeco.cuda.nvml.nvmlProcessesUtilizationInfo_v1_t;

/**
 * A function that returns the utilization samples of a device's processes. Offset 8 of its buffer holds the 64-bit
 * timestamp after which samples are requested. The samples start at {@link #SAMPLES}.
 *
 * @param countAt the offset of a 32-bit number that holds the capacity before the call and the number of samples after
 *     it
 * @param size the size of a sample in bytes
 * @param at reads the sample at an offset
 */
public record UtilizationFunction(
        NvmlFunction function, int countAt, int size, BiFunction<NativeMemory, Integer, Sample> at) {

    /**
     * A process's utilization of the engines at one time.
     *
     * @param micros the time on the driver's clock; 0 in an entry of the ring buffer that was never written
     * @param percents unsigned numbers, in the order of {@link io.gpuagent.device.Engine}
     */
    public record Sample(long micros, int pid, List<Integer> percents) {}

    public static final int SAMPLES = 24;

    /** The size of the larger of the two sample structures. */
    public static final int MAX_SIZE = 40;

    /**
     * Blackwell GPUs do not support the older function. Some libraries reject the newer one, which R550 introduced
     * (Project-HAMi/HAMi-core PR#218).
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
        request.version(Structure.version(
                        request, 1)) // without the version, the driver returns ARGUMENT_VERSION_MISMATCH
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
