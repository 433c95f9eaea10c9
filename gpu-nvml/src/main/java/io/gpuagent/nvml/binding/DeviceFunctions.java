package io.gpuagent.nvml.binding;

import java.util.List;
import java.util.function.Function;
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
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/** The functions whose answers are more than a number. Layouts: {@code nvml.h}, for 64-bit systems. */
public final class DeviceFunctions {

    private static final String INSTANCES = "the MIG instance of each process";
    private static final String IDLE_INSTANCES = "MIG instances without processes, and the memory of all";

    /** The largest text NVML hands out ({@code NVML_DEVICE_NAME_V2_BUFFER_SIZE}); the answer is the text at 0. */
    public static final int TEXT_SIZE = 96;

    public static final NvmlFunction UUID = new NvmlFunction(
            "nvmlDeviceGetUUID",
            "every GPU",
            (device, answer) -> nvml.nvmlDeviceGetUUID(device, answer.at(0), TEXT_SIZE));

    public static final NvmlFunction NAME = new NvmlFunction(
            "nvmlDeviceGetName",
            "models of GPUs",
            (device, answer) -> nvml.nvmlDeviceGetName(device, answer.at(0), TEXT_SIZE));

    /** {@code nvmlPciInfo_t}: the bus id is the text of up to 32 bytes at 36. */
    public static final NvmlFunction PCI_INFO = new NvmlFunction(
            "nvmlDeviceGetPciInfo_v3",
            "PCI bus ids of GPUs",
            (device, answer) -> nvml.nvmlDeviceGetPciInfo_v3(device, answer.structAt(0, nvmlPciInfo_t::new)));

    /** The current mode is the number at 0, 1 where MIG is on; the pending mode at 4. */
    public static final NvmlFunction MIG_MODE = new NvmlFunction(
            "nvmlDeviceGetMigMode",
            INSTANCES,
            (device, answer) -> nvml.nvmlDeviceGetMigMode(device, answer.intAt(0), answer.intAt(4)));

    /** How many slots for MIG instances the device has, the number at 0. */
    public static final NvmlFunction MIG_SLOTS = new NvmlFunction(
            "nvmlDeviceGetMaxMigDeviceCount",
            IDLE_INSTANCES,
            (device, answer) -> nvml.nvmlDeviceGetMaxMigDeviceCount(device, answer.intAt(0)));

    /** The MIG instance in the slot whose number is at 0: its handle at 8, for {@link DeviceHandle#in}. */
    public static final NvmlFunction MIG_DEVICE =
            new NvmlFunction("nvmlDeviceGetMigDeviceHandleByIndex", IDLE_INSTANCES, (device, answer) -> {
                nvmlDevice_st instance = new nvmlDevice_st();
                int code = nvml.nvmlDeviceGetMigDeviceHandleByIndex(device, answer.int32(0), instance);
                answer.putInt64(8, instance.address());
                return code;
            });

    /** Of a MIG instance, the number at 0. */
    public static final NvmlFunction GPU_INSTANCE = new NvmlFunction(
            "nvmlDeviceGetGpuInstanceId",
            IDLE_INSTANCES,
            (device, answer) -> nvml.nvmlDeviceGetGpuInstanceId(device, answer.intAt(0)));

    /** Of a MIG instance, the number at 0. */
    public static final NvmlFunction COMPUTE_INSTANCE = new NvmlFunction(
            "nvmlDeviceGetComputeInstanceId",
            IDLE_INSTANCES,
            (device, answer) -> nvml.nvmlDeviceGetComputeInstanceId(device, answer.intAt(0)));

    /** {@code nvmlMemory_v2_t}: total at 8, reserved at 16, free at 24, used (without reserved) at 32. */
    public static final NvmlFunction MEMORY_V2 = new NvmlFunction(
            "nvmlDeviceGetMemoryInfo_v2", "the driver's reserve, which used memory then includes", (device, answer) -> {
                // sizeof | 2 << 24; the "must be 2" of nvml.h is refused by the driver (NVIDIA/nvidia-settings#78).
                answer.putInt32(0, 40 | 2 << 24);
                return nvml.nvmlDeviceGetMemoryInfo_v2(device, answer.structAt(0, nvmlMemory_v2_t::new));
            });

    /** {@code nvmlMemory_t}: total at 0, free at 8, used (with the driver's reserve) at 16. */
    public static final NvmlFunction MEMORY_V1 = new NvmlFunction(
            "nvmlDeviceGetMemoryInfo",
            "memory figures of GPUs",
            (device, answer) -> nvml.nvmlDeviceGetMemoryInfo(device, answer.structAt(0, nvmlMemory_t::new)));

    /** Where the entries of a process list begin; the count, offered and answered, is the number at 0. */
    public static final int LIST_ENTRIES = 16;

    /** The compute list, newest function first. How far apart the entries are, the library decides; see there. */
    public static final List<NvmlFunction> COMPUTE_PROCESSES = lists(
            "nvmlDeviceGetComputeRunningProcesses",
            "processes that compute",
            nvml::nvmlDeviceGetComputeRunningProcesses_v3,
            nvml::nvmlDeviceGetComputeRunningProcesses_v2,
            nvml::nvmlDeviceGetComputeRunningProcesses);

    public static final List<NvmlFunction> GRAPHICS_PROCESSES = lists(
            "nvmlDeviceGetGraphicsRunningProcesses",
            "processes that draw",
            nvml::nvmlDeviceGetGraphicsRunningProcesses_v3,
            nvml::nvmlDeviceGetGraphicsRunningProcesses_v2,
            nvml::nvmlDeviceGetGraphicsRunningProcesses);

    public static final List<NvmlFunction> MPS_PROCESSES = lists(
            "nvmlDeviceGetMPSComputeRunningProcesses",
            "processes that compute through MPS",
            nvml::nvmlDeviceGetMPSComputeRunningProcesses_v3,
            nvml::nvmlDeviceGetMPSComputeRunningProcesses_v2,
            nvml::nvmlDeviceGetMPSComputeRunningProcesses);

    /** Where the samples of the utilization calls begin. The question, from which time on, is the number of 64 bits at 8. */
    public static final int UTILIZATION_SAMPLES = 24;

    /**
     * {@code nvmlProcessesUtilizationInfo_v1_t} (R550): the count, offered and answered, is the number at 4. Samples of 40 bytes: the time
     * in microseconds at 0, the pid at 8, the shares of SM, memory, encoder and decoder in percent
     * from 12 on.
     */
    public static final NvmlFunction PROCESSES_UTILIZATION = new NvmlFunction(
            "nvmlDeviceGetProcessesUtilizationInfo", NvmlFunction.NOTHING, DeviceFunctions::processesUtilization);

    /**
     * The count, offered and answered, is the number at 0. Samples of 32 bytes: the pid at 0, the time in microseconds at 8, the shares of
     * SM, memory, encoder and decoder in percent from 16 on.
     */
    public static final NvmlFunction PROCESS_UTILIZATION = new NvmlFunction(
            "nvmlDeviceGetProcessUtilization",
            "how busy each process keeps a GPU, and its energy",
            (device, samples) -> nvml.nvmlDeviceGetProcessUtilization(
                    device,
                    samples.structAt(UTILIZATION_SAMPLES, nvmlProcessUtilizationSample_t::new),
                    samples.intAt(0),
                    samples.int64(8)));

    /** The millijoules since the driver was loaded, a number of 64 bits at 0. */
    public static final NvmlFunction ENERGY = new NvmlFunction(
            "nvmlDeviceGetTotalEnergyConsumption",
            "the energy that GPUs use",
            (device, answer) -> nvml.nvmlDeviceGetTotalEnergyConsumption(device, answer.longAt(0)));

    private static final String ACCOUNTS = "the memory peaks of processes shorter than a sample";

    /** The number at 0, 1 where the driver keeps account of processes. */
    public static final NvmlFunction ACCOUNTING_MODE = new NvmlFunction(
            "nvmlDeviceGetAccountingMode",
            ACCOUNTS,
            (device, answer) -> nvml.nvmlDeviceGetAccountingMode(device, answer.intAt(0)));

    /** Where the pid stands that is asked for. */
    public static final int ACCOUNTING_PID = 56;

    /** {@code nvmlAccountingStats_t}: the most bytes held at 8, the start in microseconds at 24, whether the process runs at 32. */
    public static final NvmlFunction ACCOUNTING_STATS = new NvmlFunction(
            "nvmlDeviceGetAccountingStats",
            ACCOUNTS,
            (device, answer) -> nvml.nvmlDeviceGetAccountingStats(
                    device, answer.int32(ACCOUNTING_PID), answer.structAt(0, nvmlAccountingStats_t::new)));

    private static int processesUtilization(nvmlDevice_st device, NativeMemory samples) {
        samples.putInt32(0, 24 | 1 << 24); // without it the driver answers ARGUMENT_VERSION_MISMATCH
        nvmlProcessesUtilizationInfo_v1_t question = samples.structAt(0, nvmlProcessesUtilizationInfo_v1_t::new);
        question.procUtilArray(samples.structAt(UTILIZATION_SAMPLES, nvmlProcessUtilizationInfo_v1_t::new));
        return nvml.nvmlDeviceGetProcessesUtilizationInfo(device, question);
    }

    /** All of these functions, those for the same thing together, newest first. */
    static final List<List<NvmlFunction>> CHOICES = List.of(
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

    @FunctionalInterface
    private interface ListCall<T> {
        int on(nvmlDevice_st device, IntPointer count, T entries);
    }

    private static List<NvmlFunction> lists(
            String symbol,
            String processes,
            ListCall<nvmlProcessInfo_v2_t> v3,
            ListCall<nvmlProcessInfo_v2_t> v2,
            ListCall<nvmlProcessInfo_v1_t> v1) {
        return List.of(
                list(symbol + "_v3", NvmlFunction.NOTHING, v3, nvmlProcessInfo_v2_t::new),
                list(symbol + "_v2", INSTANCES, v2, nvmlProcessInfo_v2_t::new),
                list(symbol, processes, v1, nvmlProcessInfo_v1_t::new));
    }

    private static <T extends Pointer> NvmlFunction list(
            String symbol, String lost, ListCall<T> call, Function<Pointer, T> type) {
        return new NvmlFunction(
                symbol, lost, (device, list) -> call.on(device, list.intAt(0), list.structAt(LIST_ENTRIES, type)));
    }

    private DeviceFunctions() {}
}
