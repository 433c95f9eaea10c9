package io.gpuagent.nvml.binding;

import static io.gpuagent.nvml.binding.Arguments.numbers;
import static io.gpuagent.nvml.binding.Arguments.structure;

import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlAccountingStats_t;
import org.bytedeco.cuda.nvml.nvmlDevice_st;
import org.bytedeco.cuda.nvml.nvmlMemory_t;
import org.bytedeco.cuda.nvml.nvmlMemory_v2_t;
import org.bytedeco.cuda.nvml.nvmlPciInfo_t;
import org.bytedeco.cuda.nvml.nvmlProcessInfo_v1_t;
import org.bytedeco.cuda.nvml.nvmlProcessInfo_v2_t;
import org.bytedeco.cuda.nvml.nvmlProcessUtilizationInfo_v1_t;
import org.bytedeco.cuda.nvml.nvmlProcessUtilizationSample_t;
import org.bytedeco.cuda.nvml.nvmlProcessesUtilizationInfo_v1_t;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/** The functions whose results are more than a number. Layouts: {@code nvml.h}, for 64-bit systems. */
public final class DeviceFunctions {

    private static final String INSTANCES = "the MIG instance of each process";
    private static final String IDLE_INSTANCES =
            "MIG instances without processes, and the memory of every MIG instance";

    /**
     * The size of the largest text that NVML returns ({@code NVML_DEVICE_NAME_V2_BUFFER_SIZE}). The text is at offset
     * 0.
     */
    public static final int TEXT_SIZE = 96;

    public static final NvmlFunction UUID = text("nvmlDeviceGetUUID", "all GPUs", nvml::nvmlDeviceGetUUID);

    public static final NvmlFunction NAME = text("nvmlDeviceGetName", "GPU models", nvml::nvmlDeviceGetName);

    /** {@code nvmlPciInfo_t}: the bus id is a text of up to 32 bytes at 36. */
    public static final NvmlFunction PCI_INFO =
            new NvmlFunction("nvmlDeviceGetPciInfo_v3", "PCI bus ids", structure(nvmlPciInfo_t.class));

    /** Current mode at 0, pending mode at 4; 1 if MIG is enabled. */
    public static final NvmlFunction MIG_MODE = new NvmlFunction("nvmlDeviceGetMigMode", INSTANCES, numbers(2));

    /** The number of slots for MIG instances, at 0. */
    public static final NvmlFunction MIG_SLOTS =
            new NvmlFunction("nvmlDeviceGetMaxMigDeviceCount", IDLE_INSTANCES, numbers(1));

    /** The MIG instance in the slot whose index is at 0: the result is its handle at 8, for {@link DeviceHandle#in}. */
    public static final NvmlFunction MIG_DEVICE =
            new NvmlFunction("nvmlDeviceGetMigDeviceHandleByIndex", IDLE_INSTANCES, (device, buffer) -> {
                nvmlDevice_st instance = new nvmlDevice_st();
                int code = nvml.nvmlDeviceGetMigDeviceHandleByIndex(device, buffer.int32(0), instance);
                buffer.putInt64(8, instance.address());
                return code;
            });

    /** The GPU instance id of a MIG instance, at 0. */
    public static final NvmlFunction GPU_INSTANCE =
            new NvmlFunction("nvmlDeviceGetGpuInstanceId", IDLE_INSTANCES, numbers(1));

    /** The compute instance id of a MIG instance, at 0. */
    public static final NvmlFunction COMPUTE_INSTANCE =
            new NvmlFunction("nvmlDeviceGetComputeInstanceId", IDLE_INSTANCES, numbers(1));

    /** {@code nvmlMemory_v2_t}: total at 8, reserved at 16, free at 24, used (without the reserve) at 32. */
    public static final NvmlFunction MEMORY_V2 = new NvmlFunction(
            "nvmlDeviceGetMemoryInfo_v2",
            "the driver's reserve (used memory then includes it)",
            // sizeof | 2 << 24; the driver refuses the plain 2 that nvml.h asks for (NVIDIA/nvidia-settings#78).
            structure(nvmlMemory_v2_t.class).withHeader(40 | 2 << 24));

    /** {@code nvmlMemory_t}: total at 0, free at 8, used (including the driver's reserve) at 16. */
    public static final NvmlFunction MEMORY_V1 =
            new NvmlFunction("nvmlDeviceGetMemoryInfo", "GPU memory", structure(nvmlMemory_t.class));

    /**
     * The offset of the first entry of a process list. The count is at 0: the capacity before the call, the number of
     * entries after it.
     */
    public static final int LIST_ENTRIES = 16;

    /** The compute list, newest function first. The size of the entries depends on the library and is measured. */
    public static final List<NvmlFunction> COMPUTE_PROCESSES =
            lists("nvmlDeviceGetComputeRunningProcesses", "compute processes");

    public static final List<NvmlFunction> GRAPHICS_PROCESSES =
            lists("nvmlDeviceGetGraphicsRunningProcesses", "graphics processes");

    public static final List<NvmlFunction> MPS_PROCESSES =
            lists("nvmlDeviceGetMPSComputeRunningProcesses", "MPS compute processes");

    /**
     * The offset of the first sample in the results of the utilization calls. The input at 8 is the timestamp (64 bits)
     * from which on samples are requested.
     */
    public static final int UTILIZATION_SAMPLES = 24;

    /**
     * {@code nvmlProcessesUtilizationInfo_v1_t} (R550): the count is at 4, capacity before the call and number of
     * samples after it. Samples of 40 bytes: timestamp in microseconds at 0, pid at 8, utilization of SM, memory,
     * encoder and decoder in percent from 12 on.
     */
    public static final NvmlFunction PROCESSES_UTILIZATION = new NvmlFunction(
            "nvmlDeviceGetProcessesUtilizationInfo",
            NvmlFunction.NOTHING,
            DeviceFunctions::processesUtilization,
            nvmlProcessesUtilizationInfo_v1_t.class,
            nvmlProcessUtilizationInfo_v1_t.class);

    /**
     * The count is at 0, capacity before the call and number of samples after it. Samples of 32 bytes: pid at 0,
     * timestamp in microseconds at 8, utilization of SM, memory, encoder and decoder in percent from 16 on.
     */
    public static final NvmlFunction PROCESS_UTILIZATION = new NvmlFunction(
            "nvmlDeviceGetProcessUtilization",
            "GPU utilization and energy of each process",
            (device, samples) -> nvml.nvmlDeviceGetProcessUtilization(
                    device,
                    samples.structAt(UTILIZATION_SAMPLES, nvmlProcessUtilizationSample_t::new),
                    samples.intAt(0),
                    samples.int64(8)),
            nvmlProcessUtilizationSample_t.class);

    /** Millijoules since the driver was loaded, a 64-bit number at 0. */
    public static final NvmlFunction ENERGY =
            new NvmlFunction("nvmlDeviceGetTotalEnergyConsumption", "energy used by GPUs", Arguments.NUMBER64);

    private static final String ACCOUNTS = "memory peaks of processes shorter than the sample interval";

    /** The number at 0: 1 if accounting mode is enabled. */
    public static final NvmlFunction ACCOUNTING_MODE =
            new NvmlFunction("nvmlDeviceGetAccountingMode", ACCOUNTS, numbers(1));

    /** The offset of the input, a pid. */
    public static final int ACCOUNTING_PID = 56;

    /**
     * {@code nvmlAccountingStats_t}: peak memory in bytes at 8, start in microseconds at 24, whether the process is
     * running at 32.
     */
    public static final NvmlFunction ACCOUNTING_STATS = new NvmlFunction(
            "nvmlDeviceGetAccountingStats",
            ACCOUNTS,
            (device, buffer) -> nvml.nvmlDeviceGetAccountingStats(
                    device, buffer.int32(ACCOUNTING_PID), buffer.structAt(0, nvmlAccountingStats_t::new)),
            nvmlAccountingStats_t.class);

    private static int processesUtilization(nvmlDevice_st device, NativeMemory samples) {
        samples.putInt32(0, 24 | 1 << 24); // without it the driver returns ARGUMENT_VERSION_MISMATCH
        nvmlProcessesUtilizationInfo_v1_t request = samples.structAt(0, nvmlProcessesUtilizationInfo_v1_t::new);
        request.procUtilArray(samples.structAt(UTILIZATION_SAMPLES, nvmlProcessUtilizationInfo_v1_t::new));
        return nvml.nvmlDeviceGetProcessesUtilizationInfo(device, request);
    }

    /** All functions above, grouped by what they provide, newest first. */
    static final List<List<NvmlFunction>> ALTERNATIVES = List.of(
            List.of(UUID),
            List.of(NAME),
            List.of(PCI_INFO),
            List.of(MIG_MODE),
            List.of(MIG_SLOTS),
            List.of(MIG_DEVICE),
            List.of(GPU_INSTANCE),
            List.of(COMPUTE_INSTANCE),
            List.of(MEMORY_V2, MEMORY_V1),
            COMPUTE_PROCESSES,
            GRAPHICS_PROCESSES,
            MPS_PROCESSES,
            List.of(PROCESSES_UTILIZATION, PROCESS_UTILIZATION),
            List.of(ENERGY),
            List.of(ACCOUNTING_MODE),
            List.of(ACCOUNTING_STATS));

    /** A call that returns a text. */
    interface TextCall {
        int on(nvmlDevice_st device, BytePointer text, int size);
    }

    static NvmlFunction text(String symbol, String lost, TextCall call) {
        return new NvmlFunction(symbol, lost, (device, buffer) -> call.on(device, buffer.at(0), TEXT_SIZE));
    }

    private static List<NvmlFunction> lists(String symbol, String processes) {
        return List.of(
                list(symbol + "_v3", NvmlFunction.NOTHING, nvmlProcessInfo_v2_t.class),
                list(symbol + "_v2", INSTANCES, nvmlProcessInfo_v2_t.class),
                list(symbol, processes, nvmlProcessInfo_v1_t.class));
    }

    private static NvmlFunction list(String symbol, String lost, Class<? extends Pointer> entry) {
        List<Class<? extends Pointer>> outputs = List.of(IntPointer.class, entry);
        return new NvmlFunction(symbol, lost, new Arguments(List.of(), outputs, LIST_ENTRIES, List.of()));
    }

    /** All functions that read from a device. */
    static Stream<NvmlFunction> all() {
        return Stream.of(
                        ALTERNATIVES.stream().flatMap(List::stream),
                        DetailTable.ROWS.stream().map(DetailTable.Row::function),
                        ReadTable.ROWS.stream().map(ReadTable.Row::function))
                .flatMap(functions -> functions);
    }

    private DeviceFunctions() {}
}
