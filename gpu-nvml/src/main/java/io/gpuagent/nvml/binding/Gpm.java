package io.gpuagent.nvml.binding;

import static io.gpuagent.device.DeviceMetric.*;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.nvml.binding.ReadTable.Value;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlGpmMetric_t;
import org.bytedeco.cuda.nvml.nvmlGpmMetricsGet_t;
import org.bytedeco.cuda.nvml.nvmlGpmSample_st;
import org.bytedeco.cuda.nvml.nvmlGpmSupport_t;

/**
 * NVML's GPU Performance Monitoring (GPM; Hopper and newer). The process has one instance, which makes one call at a
 * time: concurrent calls, even for different devices, have caused kernel panics (DataDog/datadog-agent PR#54458). It
 * may be used only if the library {@link Nvml#supportsGpm supports} GPM.
 */
public final class Gpm {

    public static final String SUPPORT = "nvmlGpmQueryDeviceSupport";
    public static final String ALLOC = "nvmlGpmSampleAlloc";
    public static final String SAMPLE = "nvmlGpmSampleGet";
    public static final String METRICS = "nvmlGpmMetricsGet";
    private static final String FREE = "nvmlGpmSampleFree";

    /**
     * The version of GPM's structures. It is a plain number; the versions of NVML's other structures also contain their
     * size.
     */
    private static final int VERSION = nvml.NVML_GPM_METRICS_GET_VERSION;

    /**
     * The buffer size in bytes, with room for 1024 metrics of 40 bytes. Under the same version, the array has 98
     * metrics in R520's header and 333 in CUDA 13.3's, and a library may write its whole array.
     */
    private static final int BUFFER_SIZE = 24 + 1024 * 40;

    private static final ToDoubleFunction<nvmlGpmMetric_t> PERCENT = Conversion.gpm(100, 0.01);
    private static final ToDoubleFunction<nvmlGpmMetric_t> MEBIBYTES = Conversion.gpm(1e7, 1 << 20);

    private static final List<Metric> METRIC_TABLE = List.of(
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

    private record Metric(int id, DeviceMetric metric, ToDoubleFunction<nvmlGpmMetric_t> conversion) {}

    /** The values in the result of {@link #metrics}. */
    public static final List<Value> VALUES = IntStream.range(0, METRIC_TABLE.size())
            .mapToObj(i -> {
                Metric row = METRIC_TABLE.get(i);
                return new Value(
                        row.metric(),
                        List.of(),
                        buffer -> row.conversion().applyAsDouble(request(buffer).metrics(i)));
            })
            .toList();

    /** A device's performance counters at one time, in memory allocated by the library. For one thread at a time. */
    public static final class Sample {

        private final nvmlGpmSample_st sample = new nvmlGpmSample_st();

        public boolean isAllocated() {
            return !sample.isNull();
        }
    }

    Gpm() {}

    /** The functions required for GPM that the library lacks. */
    static List<String> missing(Predicate<String> exported) {
        return MissingFunctions.missing(exported, SUPPORT, ALLOC, SAMPLE, METRICS, FREE);
    }

    /** A buffer for {@link #supports} and {@link #metrics}. */
    public static NativeMemory newBuffer() {
        return new NativeMemory(BUFFER_SIZE);
    }

    /** NOT_SUPPORTED if the device does not support GPM. */
    public synchronized int supports(DeviceHandle device, NativeMemory buffer) {
        nvmlGpmSupport_t support =
                buffer.structAt(0, nvmlGpmSupport_t::new).version(VERSION).isSupportedDevice(0);
        int code = nvml.nvmlGpmQueryDeviceSupport(device.device, support);
        boolean unsupported = code == nvml.NVML_SUCCESS && support.isSupportedDevice() == 0;
        return unsupported ? nvml.NVML_ERROR_NOT_SUPPORTED : code;
    }

    public synchronized int alloc(Sample sample) {
        int code = nvml.nvmlGpmSampleAlloc(sample.sample);
        if (code != nvml.NVML_SUCCESS) {
            sample.sample.setNull(); // the library may have written an invalid address
        }
        return code;
    }

    public synchronized int take(DeviceHandle device, Sample sample) {
        return nvml.nvmlGpmSampleGet(device.device, sample.sample);
    }

    /**
     * Computes the metrics between two samples of one device. The samples must be at least 100 ms apart ({@code
     * nvml.h}).
     */
    public synchronized int metrics(Sample before, Sample after, NativeMemory buffer) {
        buffer.fill((byte) 0);
        nvmlGpmMetricsGet_t request = request(buffer)
                .version(VERSION)
                .numMetrics(METRIC_TABLE.size())
                .sample1(before.sample)
                .sample2(after.sample);
        for (int i = 0; i < METRIC_TABLE.size(); i++) {
            // If the library does not write a metric, this code remains and marks the metric as failed.
            request.metrics(i).metricId(METRIC_TABLE.get(i).id()).nvmlReturn(nvml.NVML_ERROR_UNKNOWN);
        }
        return nvml.nvmlGpmMetricsGet(request);
    }

    private static nvmlGpmMetricsGet_t request(NativeMemory buffer) {
        return buffer.structAt(0, nvmlGpmMetricsGet_t::new);
    }

    /** Frees a sample if it is allocated. */
    public synchronized void free(Sample sample) {
        if (sample.isAllocated()) {
            nvml.nvmlGpmSampleFree(sample.sample);
        }
    }
}
