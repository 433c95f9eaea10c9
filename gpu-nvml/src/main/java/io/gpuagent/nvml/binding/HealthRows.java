package io.gpuagent.nvml.binding;

import static io.gpuagent.device.DeviceMetric.*;
import static io.gpuagent.nvml.binding.Arguments.NUMBER64;
import static io.gpuagent.nvml.binding.Arguments.numbers;
import static io.gpuagent.nvml.binding.Arguments.structure;
import static org.bytedeco.cuda.global.nvml.*;

import io.gpuagent.nvml.binding.ReadTable.Row;
import io.gpuagent.nvml.binding.ReadTable.Value;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.cuda.nvml.nvmlBAR1Memory_t;
import org.bytedeco.cuda.nvml.nvmlC2cModeInfo_v1_t;
import org.bytedeco.cuda.nvml.nvmlEccSramErrorStatus_v1_t;
import org.bytedeco.cuda.nvml.nvmlGridLicensableFeatures_t;
import org.bytedeco.cuda.nvml.nvmlMemory_t;
import org.bytedeco.cuda.nvml.nvmlRowRemapperHistogramValues_t;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;

/** Rows for a device's health, memory errors and modes. Codes and layouts: {@code nvml.h}. */
final class HealthRows extends ReadTableRows {

    private static final List<String> SEVERITIES = List.of("corrected", "uncorrected");

    /** The values of {@code nvmlMemoryLocation_t}, from 0 on. */
    private static final List<String> LOCATIONS =
            List.of("l1_cache", "l2_cache", "dram", "register_file", "texture_memory", "texture_shm", "cbu", "sram");

    /** The values of {@code nvmlEccCounterType_t}, from 0 on. */
    private static final List<String> SCOPES = List.of("volatile", "aggregate");

    HealthRows() {
        ecc();
        sram();
        remapping();
        retirement();
        memory();
        modes();
    }

    private void ecc() {
        row(
                "nvmlDeviceGetEccMode",
                numbers(2),
                new Value(ECC_MODE, 0, YES_OR_NO),
                new Value(ECC_MODE_PENDING, 4, YES_OR_NO));
        Value total = new Value(ECC_DEVICE_ERRORS, 0, COUNT64);
        rowPerCode("nvmlDeviceGetTotalEccErrors", NUMBER64, total, List.of(SEVERITIES, SCOPES));
        Value located = new Value(ECC_ERRORS, 0, COUNT64);
        rowPerCode("nvmlDeviceGetMemoryErrorCounter", NUMBER64, located, List.of(SEVERITIES, SCOPES, LOCATIONS));
    }

    /**
     * {@code nvmlEccSramErrorStatus_v1_t}: 64-bit numbers. The corrected errors at 24 and 48 are not read, since other
     * calls provide them.
     */
    private void sram() {
        String symbol = "nvmlDeviceGetSramEccErrorStatus";
        NvmlFunction.Call asRoot = structure(nvmlEccSramErrorStatus_v1_t.class)
                .withHeader(104 | 1 << 24)
                .of(symbol);
        NvmlFunction.Call call = (device, buffer) -> {
            int code = asRoot.on(device, buffer);
            // Only root may call it (nvml.h), so a refusal is not a fault.
            return code == NVML_ERROR_NO_PERMISSION ? NVML_ERROR_NOT_SUPPORTED : code;
        };
        Stream<Value> values = Stream.of(
                new Value(ECC_SRAM_ERRORS, 8, COUNT64, "aggregate", "parity"),
                new Value(ECC_SRAM_ERRORS, 16, COUNT64, "aggregate", "secded"),
                new Value(ECC_SRAM_ERRORS, 32, COUNT64, "volatile", "parity"),
                new Value(ECC_SRAM_ERRORS, 40, COUNT64, "volatile", "secded"),
                new Value(ECC_SRAM_THRESHOLD, 96, YES_OR_NO));
        Value[] byUnit = values(ECC_SRAM_UNIT_ERRORS, 56, 8, COUNT64, List.of("l2", "sm", "pcie", "mcu", "other"));
        Value[] both = Stream.concat(values, Stream.of(byUnit)).toArray(Value[]::new);
        all.add(new Row(symbol, call, nvmlEccSramErrorStatus_v1_t.class, both));
    }

    /** Returns NOT_SUPPORTED while MIG instances exist. */
    private void remapping() {
        row(
                "nvmlDeviceGetRemappedRows",
                numbers(4),
                new Value(REMAPPED_ROWS, 0, COUNT, SEVERITIES.get(0)),
                new Value(REMAPPED_ROWS, 4, COUNT, SEVERITIES.get(1)),
                new Value(ROW_REMAPPING_PENDING, 8, YES_OR_NO),
                new Value(ROW_REMAPPING_FAILED, 12, YES_OR_NO));
        row(
                "nvmlDeviceGetRowRemapperHistogram",
                structure(nvmlRowRemapperHistogramValues_t.class),
                values(ROW_REMAPPER_BANKS, 0, 4, COUNT, List.of("max", "high", "partial", "low", "none")));
        int corrected = NVML_FI_DEV_REMAPPED_ROWS_COR_INACTIVE;
        fields(Conversion.field(0xFFFF_FFFEL, 1), consecutive(0, corrected, REMAPPED_ROWS_INACTIVE, SEVERITIES));
    }

    private void retirement() {
        retiredPages(NVML_PAGE_RETIREMENT_CAUSE_MULTIPLE_SINGLE_BIT_ECC_ERRORS, "multiple_single_bit_errors");
        retiredPages(NVML_PAGE_RETIREMENT_CAUSE_DOUBLE_BIT_ECC_ERROR, "double_bit_error");
        number("nvmlDeviceGetRetiredPagesPendingStatus", RETIRED_PAGES_PENDING, YES_OR_NO);
    }

    /** Called without room for the page addresses, the function returns their number and INSUFFICIENT_SIZE. */
    private void retiredPages(int cause, String label) {
        NvmlFunction.Call call = (device, buffer) -> {
            buffer.putInt32(0, 0);
            int code = nvmlDeviceGetRetiredPages(device, cause, buffer.intAt(0), (LongPointer) null);
            return code == NVML_ERROR_INSUFFICIENT_SIZE ? NVML_SUCCESS : Arguments.invalidAsUnsupported(code);
        };
        Value pages = new Value(RETIRED_PAGES, 0, COUNT, label);
        all.add(new Row("nvmlDeviceGetRetiredPages", call, IntPointer.class, pages));
    }

    private void memory() {
        row(
                "nvmlDeviceGetBAR1MemoryInfo",
                structure(nvmlBAR1Memory_t.class),
                new Value(BAR1_TOTAL, 0, COUNT64),
                new Value(BAR1_USED, 16, COUNT64));
        Conversion ofSome = (buffer, offset) -> buffer.int64(0) == 0 ? Conversion.ABSENT : COUNT64.of(buffer, offset);
        row(
                "nvmlDeviceGetConfComputeProtectedMemoryUsage",
                structure(nvmlMemory_t.class),
                new Value(PROTECTED_TOTAL, 0, ofSome),
                new Value(PROTECTED_USED, 16, ofSome));
    }

    private void modes() {
        number("nvmlDeviceGetComputeMode", COMPUTE_MODE, Conversion.upTo(3, 1));
        number("nvmlDeviceGetPersistenceMode", PERSISTENCE_MODE, YES_OR_NO);
        number("nvmlDeviceGetDisplayActive", DISPLAY_ACTIVE, YES_OR_NO);
        firstOfTwo("nvmlDeviceGetGspFirmwareMode", GSP_MODE, YES_OR_NO);
        row("nvmlDeviceGetC2cModeInfoV", structure(nvmlC2cModeInfo_v1_t.class), new Value(C2C_MODE, 0, YES_OR_NO));
        fields(Conversion.field(15, 1), new Field(0, NVML_FI_DEV_GET_GPU_RECOVERY_ACTION, RECOVERY_ACTION));
        Value licensed = new Value(VGPU_LICENSED, 0, HealthRows::licensed);
        row("nvmlDeviceGetGridLicensableFeatures_v4", structure(nvmlGridLicensableFeatures_t.class), licensed);
        firstOfTwo("nvmlDeviceGetMigMode", MIG_MODE, YES_OR_NO);
    }

    /**
     * {@code nvmlGridLicensableFeatures_t}: at 0 whether licensing is supported, at 4 the number of features (at most
     * three), from 8 on 284 bytes per feature, with its state at 4.
     */
    private static double licensed(NativeMemory buffer, int offset) {
        int features = buffer.int32(4);
        if (features < 0 || features > 3) {
            return Double.NaN;
        }
        boolean any = IntStream.range(0, features).anyMatch(i -> buffer.int32(8 + 284 * i + 4) != 0);
        return buffer.int32(offset) == 0 || features == 0 ? Conversion.ABSENT : any ? 1 : 0;
    }
}
