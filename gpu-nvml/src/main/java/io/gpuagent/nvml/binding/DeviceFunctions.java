package io.gpuagent.nvml.binding;

import static io.gpuagent.nvml.binding.Arguments.numbers;

import io.gpuagent.device.GpuMemory;
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
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * The functions whose results are not plain numbers, such as texts, process lists and memory. Their layouts are those
 * of {@code nvml.h} on 64-bit systems.
 */
public final class DeviceFunctions {

    private static final String INSTANCES = "the MIG instance of each process";
    private static final String IDLE_INSTANCES =
            "MIG instances without processes, and the memory of every MIG instance";

    /** An upper limit for plausible memory sizes, in bytes: 64 TiB. */
    public static final long MAX_MEMORY = 1L << 46;

    /** An upper limit for plausible energy counters, in millijoules: one kilowatt for 100 years. */
    public static final long MAX_ENERGY = 3_200_000_000_000_000L;

    /**
     * The size of the largest text that NVML returns ({@code NVML_DEVICE_NAME_V2_BUFFER_SIZE}). The text is at offset
     * 0.
     */
    public static final int TEXT_SIZE = 96;

    public static final NvmlFunction UUID = text("nvmlDeviceGetUUID", "all GPUs", nvml::nvmlDeviceGetUUID);

    public static final NvmlFunction NAME = text("nvmlDeviceGetName", "GPU models", nvml::nvmlDeviceGetName);

    /** {@link #busId} reads the bus id from the result. */
    public static final NvmlFunction PCI_INFO = new NvmlFunction(
            "nvmlDeviceGetPciInfo_v3",
            "PCI bus ids",
            new Structure<>(nvmlPciInfo_t.class, nvmlPciInfo_t::new).arguments());

    /** The current mode at offset 0 and the pending mode at offset 4; 1 means that MIG is enabled. */
    public static final NvmlFunction MIG_MODE = new NvmlFunction("nvmlDeviceGetMigMode", INSTANCES, numbers(2));

    /** The number of slots for MIG instances, at offset 0. */
    public static final NvmlFunction MIG_SLOTS =
            new NvmlFunction("nvmlDeviceGetMaxMigDeviceCount", IDLE_INSTANCES, numbers(1));

    /**
     * Finds the MIG instance in a slot; NOT_FOUND if the slot is empty. The caller writes the index of the slot to
     * offset 0, and reads the instance's handle from offset 8 with {@link DeviceHandle#in}. NVML does not define this
     * layout.
     */
    public static final NvmlFunction MIG_DEVICE =
            new NvmlFunction("nvmlDeviceGetMigDeviceHandleByIndex", IDLE_INSTANCES, (device, buffer) -> {
                nvmlDevice_st instance = new nvmlDevice_st();
                int code = nvml.nvmlDeviceGetMigDeviceHandleByIndex(device, buffer.int32(0), instance);
                buffer.putInt64(8, instance.address());
                // Some drivers return this for an empty slot.
                return code == nvml.NVML_ERROR_INVALID_ARGUMENT ? nvml.NVML_ERROR_NOT_FOUND : code;
            });

    /** The GPU instance id of a MIG instance, at offset 0. */
    public static final NvmlFunction GPU_INSTANCE =
            new NvmlFunction("nvmlDeviceGetGpuInstanceId", IDLE_INSTANCES, numbers(1));

    /** The compute instance id of a MIG instance, at offset 0. */
    public static final NvmlFunction COMPUTE_INSTANCE =
            new NvmlFunction("nvmlDeviceGetComputeInstanceId", IDLE_INSTANCES, numbers(1));

    private static final Structure<nvmlMemory_v2_t> MEMORY_OF_V2 = new Structure<>(
            nvmlMemory_v2_t.class,
            nvmlMemory_v2_t::new,
            // nvml.h documents the version as 2, but the driver rejects a plain 2 (NVIDIA/nvidia-settings#78).
            request -> request.version(Structure.version(request, 2)));

    private static final Structure<nvmlMemory_t> MEMORY_OF_V1 = new Structure<>(nvmlMemory_t.class, nvmlMemory_t::new);

    /** Used memory without the driver's reserve; {@link #memoryOfV2} reads the result. */
    public static final NvmlFunction MEMORY_V2 = new NvmlFunction(
            "nvmlDeviceGetMemoryInfo_v2",
            "the driver's reserve (used memory then includes it)",
            MEMORY_OF_V2.arguments());

    /** Used memory including the driver's reserve; {@link #memoryOfV1} reads the result. */
    public static final NvmlFunction MEMORY_V1 =
            new NvmlFunction("nvmlDeviceGetMemoryInfo", "GPU memory", MEMORY_OF_V1.arguments());

    /**
     * The offset of the first entry of a process list. Offset 0 holds the capacity before the call and the number of
     * entries after it.
     */
    public static final int LIST_ENTRIES = 16;

    /**
     * The functions for the compute list, newest first. The size of the entries depends on the library and is measured.
     */
    public static final List<NvmlFunction> COMPUTE_PROCESSES =
            lists("nvmlDeviceGetComputeRunningProcesses", "compute processes");

    public static final List<NvmlFunction> GRAPHICS_PROCESSES =
            lists("nvmlDeviceGetGraphicsRunningProcesses", "graphics processes");

    public static final List<NvmlFunction> MPS_PROCESSES =
            lists("nvmlDeviceGetMPSComputeRunningProcesses", "MPS compute processes");

    /** Millijoules since the driver was loaded, a 64-bit number at offset 0. */
    public static final NvmlFunction ENERGY =
            new NvmlFunction("nvmlDeviceGetTotalEnergyConsumption", "energy used by GPUs", Arguments.NUMBER64);

    private static final String ACCOUNTS = "memory peaks of processes shorter than the sample interval";

    /** 1 at offset 0 if accounting mode is enabled. */
    public static final NvmlFunction ACCOUNTING_MODE =
            new NvmlFunction("nvmlDeviceGetAccountingMode", ACCOUNTS, numbers(1));

    /** The offset of the pid, which is the input of {@link #ACCOUNTING_STATS}. */
    public static final int ACCOUNTING_PID = 56;

    /** The accounting record of a pid; {@link #accountingRecord} reads the result. */
    public static final NvmlFunction ACCOUNTING_STATS = new NvmlFunction(
            "nvmlDeviceGetAccountingStats",
            ACCOUNTS,
            (device, buffer) -> nvml.nvmlDeviceGetAccountingStats(
                    device, buffer.int32(ACCOUNTING_PID), buffer.structAt(0, nvmlAccountingStats_t::new)),
            nvmlAccountingStats_t.class);

    public static String text(NativeMemory buffer) {
        return buffer.text(TEXT_SIZE);
    }

    /** The bus id in the result of {@link #PCI_INFO}. */
    public static String busId(NativeMemory buffer) {
        return NativeMemory.text(
                buffer.structAt(0, nvmlPciInfo_t::new).busId(), nvml.NVML_DEVICE_PCI_BUS_ID_BUFFER_SIZE);
    }

    /** The result of {@link #MEMORY_V2}. */
    public static GpuMemory memoryOfV2(NativeMemory buffer) {
        nvmlMemory_v2_t memory = MEMORY_OF_V2.in(buffer);
        return new GpuMemory(GpuMemory.Api.V2, memory.total(), memory.used(), memory._free(), memory.reserved());
    }

    /** The result of {@link #MEMORY_V1}. */
    public static GpuMemory memoryOfV1(NativeMemory buffer) {
        nvmlMemory_t memory = MEMORY_OF_V1.in(buffer);
        return new GpuMemory(GpuMemory.Api.V1, memory.total(), memory.used(), memory._free(), null);
    }

    /**
     * The driver's accounting record of a process.
     *
     * @param start the start time in microseconds. Its clock is unspecified, so it is only compared for equality
     */
    public record AccountingRecord(boolean running, long start, long peakBytes) {

        public static final AccountingRecord NONE = new AccountingRecord(false, 0, 0);
    }

    /** The result of {@link #ACCOUNTING_STATS}. */
    public static AccountingRecord accountingRecord(NativeMemory buffer) {
        nvmlAccountingStats_t stats = buffer.structAt(0, nvmlAccountingStats_t::new);
        return new AccountingRecord(stats.isRunning() != 0, stats.startTime(), stats.maxMemoryUsage());
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
            UtilizationFunction.NEWEST_FIRST.stream()
                    .map(UtilizationFunction::function)
                    .toList(),
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
        return new NvmlFunction(symbol, lost, new Arguments(List.of(), outputs, LIST_ENTRIES, buffer -> {}));
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
