package io.gpuagent.nvml.binding;

import static io.gpuagent.device.DeviceMetric.*;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.nvml.binding.ReadTable.Value;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlGpmMetricsGet_t;
import org.bytedeco.cuda.nvml.nvmlGpmSample_st;
import org.bytedeco.cuda.nvml.nvmlGpmSupport_t;

/**
 * NVML's sampling of what a GPU's parts do ("GPM"; Hopper and newer). There is one of it in a process, and one call at a time: two at once,
 * be it for two devices, have panicked the kernel driver (DataDog/datadog-agent PR#54458). Not to be used where the library
 * {@link Nvml#tellsActivity lacks} one of the functions.
 */
public final class Gpm {

    public static final String SUPPORT = "nvmlGpmQueryDeviceSupport";
    public static final String ALLOC = "nvmlGpmSampleAlloc";
    public static final String SAMPLE = "nvmlGpmSampleGet";
    public static final String METRICS = "nvmlGpmMetricsGet";
    private static final String FREE = "nvmlGpmSampleFree";

    /** Plain numbers here, where NVML's other structures have their size in it ({@code NVML_GPM_METRICS_GET_VERSION}). */
    private static final int VERSION = 1;

    /** {@code nvmlGpmMetricsGet_t}: version at 0, count at 4, samples at 8 and 16, then the metrics. */
    private static final int FIRST = 24;

    /** {@code nvmlGpmMetric_t}: id at 0, return code at 4, a double at 8, three texts. */
    private static final int METRIC_SIZE = 40;

    /** The array has room for 98 in R520's header and for 333 in CUDA 13.3's, under one version: whoever wrote all of it may write more. */
    private static final int ROOM = FIRST + 1024 * METRIC_SIZE;

    private static final Conversion PERCENT = Conversion.gpm(100, 0.01);
    private static final Conversion MEBIBYTES = Conversion.gpm(1e9, 1 << 20);

    private static final List<Metric> TABLE = List.of(
            new Metric(nvml.NVML_GPM_METRIC_GRAPHICS_UTIL, GPM_GRAPHICS_UTILIZATION, PERCENT),
            new Metric(nvml.NVML_GPM_METRIC_SM_UTIL, GPM_SM_UTILIZATION, PERCENT),
            new Metric(nvml.NVML_GPM_METRIC_SM_OCCUPANCY, GPM_SM_OCCUPANCY, PERCENT),
            new Metric(nvml.NVML_GPM_METRIC_INTEGER_UTIL, GPM_INTEGER_UTILIZATION, PERCENT),
            new Metric(nvml.NVML_GPM_METRIC_ANY_TENSOR_UTIL, GPM_TENSOR_UTILIZATION, PERCENT),
            new Metric(nvml.NVML_GPM_METRIC_DRAM_BW_UTIL, GPM_MEMORY_BANDWIDTH_UTILIZATION, PERCENT),
            new Metric(nvml.NVML_GPM_METRIC_FP64_UTIL, GPM_FP64_UTILIZATION, PERCENT),
            new Metric(nvml.NVML_GPM_METRIC_FP32_UTIL, GPM_FP32_UTILIZATION, PERCENT),
            new Metric(nvml.NVML_GPM_METRIC_FP16_UTIL, GPM_FP16_UTILIZATION, PERCENT),
            new Metric(nvml.NVML_GPM_METRIC_PCIE_TX_PER_SEC, GPM_PCIE_TRANSMIT, MEBIBYTES),
            new Metric(nvml.NVML_GPM_METRIC_PCIE_RX_PER_SEC, GPM_PCIE_RECEIVE, MEBIBYTES),
            new Metric(nvml.NVML_GPM_METRIC_NVLINK_TOTAL_RX_PER_SEC, GPM_NVLINK_RECEIVE, MEBIBYTES),
            new Metric(nvml.NVML_GPM_METRIC_NVLINK_TOTAL_TX_PER_SEC, GPM_NVLINK_TRANSMIT, MEBIBYTES));

    private record Metric(int id, DeviceMetric metric, Conversion conversion) {}

    /** What {@link #metrics} answers. */
    public static final List<Value> VALUES = IntStream.range(0, TABLE.size())
            .mapToObj(i -> {
                Metric row = TABLE.get(i);
                return new Value(row.metric(), FIRST + i * METRIC_SIZE, row.conversion());
            })
            .toList();

    /** The counters of a device at one time, in memory of the library's. For one thread. */
    public static final class Sample {

        private final nvmlGpmSample_st sample = new nvmlGpmSample_st();

        public boolean isAllocated() {
            return !sample.isNull();
        }
    }

    Gpm() {}

    /** The functions that are missing for activity to be told. */
    static List<String> missing(Predicate<String> exported) {
        return MissingFunctions.missing(exported, SUPPORT, ALLOC, SAMPLE, METRICS, FREE);
    }

    /** Memory for {@link #supports} and {@link #metrics}. */
    public static NativeMemory answer() {
        return new NativeMemory(ROOM);
    }

    /** Whether the device offers it: the number at 4, 1 where it does. */
    public synchronized int supports(DeviceHandle device, NativeMemory answer) {
        answer.putInt32(0, VERSION);
        answer.putInt32(4, 0);
        return nvml.nvmlGpmQueryDeviceSupport(device.device, answer.structAt(0, nvmlGpmSupport_t::new));
    }

    public synchronized int alloc(Sample sample) {
        int code = nvml.nvmlGpmSampleAlloc(sample.sample);
        if (code != nvml.NVML_SUCCESS) {
            sample.sample.setNull(); // whatever was written
        }
        return code;
    }

    public synchronized int take(DeviceHandle device, Sample sample) {
        return nvml.nvmlGpmSampleGet(device.device, sample.sample);
    }

    /** What was done between two samples of one device, 100 ms or more apart ({@code nvml.h}). */
    public synchronized int metrics(Sample before, Sample after, NativeMemory answer) {
        answer.fill((byte) 0);
        answer.putInt32(0, VERSION);
        answer.putInt32(4, TABLE.size());
        answer.putInt64(8, before.sample.address());
        answer.putInt64(16, after.sample.address());
        for (int i = 0; i < TABLE.size(); i++) {
            answer.putInt32(FIRST + i * METRIC_SIZE, TABLE.get(i).id());
            answer.putInt32(FIRST + i * METRIC_SIZE + 4, nvml.NVML_ERROR_UNKNOWN); // until it is written
        }
        return nvml.nvmlGpmMetricsGet(answer.structAt(0, nvmlGpmMetricsGet_t::new));
    }

    /** Lets go of a sample for good, where it is allocated. */
    public synchronized void free(Sample sample) {
        if (sample.isAllocated()) {
            nvml.nvmlGpmSampleFree(sample.sample);
        }
    }
}
