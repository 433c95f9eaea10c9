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

/** The functions whose answers are more than a number. Layouts: {@code nvml.h}, for 64-bit systems. */
public final class DeviceFunctions {

    private static final String INSTANCES = "the MIG instance of each process";
    private static final String IDLE_INSTANCES = "MIG instances without processes, and the memory of all";

    /** The largest text NVML hands out ({@code NVML_DEVICE_NAME_V2_BUFFER_SIZE}); the answer is the text at 0. */
    public static final int TEXT_SIZE = 96;

    public static final NvmlFunction UUID = text("nvmlDeviceGetUUID", "every GPU", nvml::nvmlDeviceGetUUID);

    public static final NvmlFunction NAME = text("nvmlDeviceGetName", "models of GPUs", nvml::nvmlDeviceGetName);

    /** {@code nvmlPciInfo_t}: the bus id is the text of up to 32 bytes at 36. */
    public static final NvmlFunction PCI_INFO =
            new NvmlFunction("nvmlDeviceGetPciInfo_v3", "PCI bus ids of GPUs", structure(nvmlPciInfo_t.class));

    /** The current mode is the number at 0, 1 where MIG is on; the pending mode at 4. */
    public static final NvmlFunction MIG_MODE = new NvmlFunction("nvmlDeviceGetMigMode", INSTANCES, numbers(2));

    /** How many slots for MIG instances the device has, the number at 0. */
    public static final NvmlFunction MIG_SLOTS =
            new NvmlFunction("nvmlDeviceGetMaxMigDeviceCount", IDLE_INSTANCES, numbers(1));

    /** The MIG instance in the slot whose number is at 0: its handle at 8, for {@link DeviceHandle#in}. */
    public static final NvmlFunction MIG_DEVICE =
            new NvmlFunction("nvmlDeviceGetMigDeviceHandleByIndex", IDLE_INSTANCES, (device, answer) -> {
                nvmlDevice_st instance = new nvmlDevice_st();
                int code = nvml.nvmlDeviceGetMigDeviceHandleByIndex(device, answer.int32(0), instance);
                answer.putInt64(8, instance.address());
                return code;
            });

    /** Of a MIG instance, the number at 0. */
    public static final NvmlFunction GPU_INSTANCE =
            new NvmlFunction("nvmlDeviceGetGpuInstanceId", IDLE_INSTANCES, numbers(1));

    /** Of a MIG instance, the number at 0. */
    public static final NvmlFunction COMPUTE_INSTANCE =
            new NvmlFunction("nvmlDeviceGetComputeInstanceId", IDLE_INSTANCES, numbers(1));

    /** {@code nvmlMemory_v2_t}: total at 8, reserved at 16, free at 24, used (without reserved) at 32. */
    public static final NvmlFunction MEMORY_V2 = new NvmlFunction(
            "nvmlDeviceGetMemoryInfo_v2",
            "the driver's reserve, which used memory then includes",
            // sizeof | 2 << 24; the "must be 2" of nvml.h is refused by the driver (NVIDIA/nvidia-settings#78).
            structure(nvmlMemory_v2_t.class).after(40 | 2 << 24));

    /** {@code nvmlMemory_t}: total at 0, free at 8, used (with the driver's reserve) at 16. */
    public static final NvmlFunction MEMORY_V1 =
            new NvmlFunction("nvmlDeviceGetMemoryInfo", "memory figures of GPUs", structure(nvmlMemory_t.class));

    /** Where the entries of a process list begin; the count, offered and answered, is the number at 0. */
    public static final int LIST_ENTRIES = 16;

    /** The compute list, newest function first. How far apart the entries are, the library decides; see there. */
    public static final List<NvmlFunction> COMPUTE_PROCESSES =
            lists("nvmlDeviceGetComputeRunningProcesses", "processes that compute");

    public static final List<NvmlFunction> GRAPHICS_PROCESSES =
            lists("nvmlDeviceGetGraphicsRunningProcesses", "processes that draw");

    public static final List<NvmlFunction> MPS_PROCESSES =
            lists("nvmlDeviceGetMPSComputeRunningProcesses", "processes that compute through MPS");

    /** Where the samples of the utilization calls begin. The question, from which time on, is the number of 64 bits at 8. */
    public static final int UTILIZATION_SAMPLES = 24;

    /**
     * {@code nvmlProcessesUtilizationInfo_v1_t} (R550): the count, offered and answered, is the number at 4. Samples of 40 bytes: the time
     * in microseconds at 0, the pid at 8, the shares of SM, memory, encoder and decoder in percent
     * from 12 on.
     */
    public static final NvmlFunction PROCESSES_UTILIZATION = new NvmlFunction(
            "nvmlDeviceGetProcessesUtilizationInfo",
            NvmlFunction.NOTHING,
            DeviceFunctions::processesUtilization,
            nvmlProcessesUtilizationInfo_v1_t.class,
            nvmlProcessUtilizationInfo_v1_t.class);

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
                    samples.int64(8)),
            nvmlProcessUtilizationSample_t.class);

    /** The millijoules since the driver was loaded, a number of 64 bits at 0. */
    public static final NvmlFunction ENERGY =
            new NvmlFunction("nvmlDeviceGetTotalEnergyConsumption", "the energy that GPUs use", Arguments.NUMBER64);

    private static final String ACCOUNTS = "the memory peaks of processes shorter than a sample";

    /** The number at 0, 1 where the driver keeps account of processes. */
    public static final NvmlFunction ACCOUNTING_MODE =
            new NvmlFunction("nvmlDeviceGetAccountingMode", ACCOUNTS, numbers(1));

    /** Where the pid stands that is asked for. */
    public static final int ACCOUNTING_PID = 56;

    /** {@code nvmlAccountingStats_t}: the most bytes held at 8, the start in microseconds at 24, whether the process runs at 32. */
    public static final NvmlFunction ACCOUNTING_STATS = new NvmlFunction(
            "nvmlDeviceGetAccountingStats",
            ACCOUNTS,
            (device, answer) -> nvml.nvmlDeviceGetAccountingStats(
                    device, answer.int32(ACCOUNTING_PID), answer.structAt(0, nvmlAccountingStats_t::new)),
            nvmlAccountingStats_t.class);

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

    /** A call that answers a text. */
    interface TextCall {
        int on(nvmlDevice_st device, BytePointer text, int size);
    }

    static NvmlFunction text(String symbol, String lost, TextCall call) {
        return new NvmlFunction(symbol, lost, (device, answer) -> call.on(device, answer.at(0), TEXT_SIZE));
    }

    private static List<NvmlFunction> lists(String symbol, String processes) {
        return List.of(
                list(symbol + "_v3", NvmlFunction.NOTHING, nvmlProcessInfo_v2_t.class),
                list(symbol + "_v2", INSTANCES, nvmlProcessInfo_v2_t.class),
                list(symbol, processes, nvmlProcessInfo_v1_t.class));
    }

    private static NvmlFunction list(String symbol, String lost, Class<? extends Pointer> entry) {
        List<Class<? extends Pointer>> answers = List.of(IntPointer.class, entry);
        return new NvmlFunction(symbol, lost, new Arguments(List.of(), answers, LIST_ENTRIES, List.of()));
    }

    /** All functions that ask a device. */
    static Stream<NvmlFunction> all() {
        return Stream.of(
                        CHOICES.stream().flatMap(List::stream),
                        DetailTable.ROWS.stream().map(DetailTable.Row::function),
                        ReadTable.ROWS.stream().map(ReadTable.Row::function))
                .flatMap(functions -> functions);
    }

    private DeviceFunctions() {}
}
