package io.gpuagent.nvml.binding;

import static io.gpuagent.device.DeviceMetric.*;
import static io.gpuagent.nvml.binding.Arguments.NUMBER64;
import static io.gpuagent.nvml.binding.Arguments.numbers;
import static io.gpuagent.nvml.binding.Structure.version;
import static org.bytedeco.cuda.global.nvml.*;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.nvml.binding.ReadTable.Row;
import io.gpuagent.nvml.binding.ReadTable.Value;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.cuda.nvml.nvmlBAR1Memory_t;
import org.bytedeco.cuda.nvml.nvmlC2cModeInfo_v1_t;
import org.bytedeco.cuda.nvml.nvmlEccSramErrorStatus_v1_t;
import org.bytedeco.cuda.nvml.nvmlGridLicensableFeatures_t;
import org.bytedeco.cuda.nvml.nvmlMemory_t;
import org.bytedeco.cuda.nvml.nvmlRowRemapperHistogramValues_t;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;

/** Rows for a device's health, memory errors and modes. {@code nvml.h} documents their codes and layouts. */
final class HealthRows extends ReadTableRows {

    private static final List<String> SEVERITIES = List.of("corrected", "uncorrected");

    /** The values of {@code nvmlMemoryLocation_t}, starting at 0. */
    private static final List<String> LOCATIONS =
            List.of("l1_cache", "l2_cache", "dram", "register_file", "texture_memory", "texture_shm", "cbu", "sram");

    /** The values of {@code nvmlEccCounterType_t}, starting at 0. */
    private static final List<String> SCOPES = List.of("volatile", "aggregate");

    /** An upper limit for plausible numbers of rows or banks. An A100 80GB has 640 banks (nvidia-smi). */
    private static final int MAX_ROWS = 1 << 20;

    private static final Conversion ROWS = Conversion.upTo(MAX_ROWS, 1);

    /** An upper limit for plausible numbers of retired pages. NVIDIA's driver retires at most 64 pages of a GPU. */
    private static final int MAX_PAGES = 4096;

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
                Value.number(ECC_MODE, 0, YES_OR_NO),
                Value.number(ECC_MODE_PENDING, 1, YES_OR_NO));
        Value total = Value.number64(ECC_DEVICE_ERRORS, ERRORS);
        rowPerCode("nvmlDeviceGetTotalEccErrors", NUMBER64, total, List.of(SEVERITIES, SCOPES));
        Value located = Value.number64(ECC_ERRORS, ERRORS);
        rowPerCode("nvmlDeviceGetMemoryErrorCounter", NUMBER64, located, List.of(SEVERITIES, SCOPES, LOCATIONS));
    }

    /** Adds the uncorrected errors of the SRAM. Other functions already provide the corrected ones. */
    private void sram() {
        String symbol = "nvmlDeviceGetSramEccErrorStatus";
        Structure<nvmlEccSramErrorStatus_v1_t> status = new Structure<>(
                nvmlEccSramErrorStatus_v1_t.class,
                nvmlEccSramErrorStatus_v1_t::new,
                request -> request.version(version(request, 1)));
        NvmlFunction.Call asRoot = status.arguments().of(symbol);
        NvmlFunction.Call call = (device, buffer) -> {
            int code = asRoot.on(device, buffer);
            // Only root may call this function (nvml.h), so a lack of permission is not a fault.
            return code == NVML_ERROR_NO_PERMISSION ? NVML_ERROR_NOT_SUPPORTED : code;
        };
        DeviceMetric unit = ECC_SRAM_UNIT_ERRORS;
        all.add(new Row(
                symbol,
                call,
                nvmlEccSramErrorStatus_v1_t.class,
                status.value(ECC_SRAM_ERRORS, s -> s.aggregateUncParity(), ERRORS, "aggregate", "parity"),
                status.value(ECC_SRAM_ERRORS, s -> s.aggregateUncSecDed(), ERRORS, "aggregate", "secded"),
                status.value(ECC_SRAM_ERRORS, s -> s.volatileUncParity(), ERRORS, "volatile", "parity"),
                status.value(ECC_SRAM_ERRORS, s -> s.volatileUncSecDed(), ERRORS, "volatile", "secded"),
                status.value(ECC_SRAM_THRESHOLD, s -> s.bThresholdExceeded(), YES_OR_NO),
                status.value(unit, s -> s.aggregateUncBucketL2(), ERRORS, "l2"),
                status.value(unit, s -> s.aggregateUncBucketSm(), ERRORS, "sm"),
                status.value(unit, s -> s.aggregateUncBucketPcie(), ERRORS, "pcie"),
                status.value(unit, s -> s.aggregateUncBucketMcu(), ERRORS, "mcu"),
                status.value(unit, s -> s.aggregateUncBucketOther(), ERRORS, "other")));
    }

    /** These functions return NOT_SUPPORTED while MIG instances exist. */
    private void remapping() {
        row(
                "nvmlDeviceGetRemappedRows",
                numbers(4),
                Value.number(REMAPPED_ROWS, 0, ROWS, SEVERITIES.get(0)),
                Value.number(REMAPPED_ROWS, 1, ROWS, SEVERITIES.get(1)),
                Value.number(ROW_REMAPPING_PENDING, 2, YES_OR_NO),
                Value.number(ROW_REMAPPING_FAILED, 3, YES_OR_NO));
        Structure<nvmlRowRemapperHistogramValues_t> banks =
                new Structure<>(nvmlRowRemapperHistogramValues_t.class, nvmlRowRemapperHistogramValues_t::new);
        row(
                "nvmlDeviceGetRowRemapperHistogram",
                banks.arguments(),
                banks.value(ROW_REMAPPER_BANKS, b -> b.max(), ROWS, "max"),
                banks.value(ROW_REMAPPER_BANKS, b -> b.high(), ROWS, "high"),
                banks.value(ROW_REMAPPER_BANKS, b -> b.partial(), ROWS, "partial"),
                banks.value(ROW_REMAPPER_BANKS, b -> b.low(), ROWS, "low"),
                banks.value(ROW_REMAPPER_BANKS, b -> b.none(), ROWS, "none"));
        int corrected = NVML_FI_DEV_REMAPPED_ROWS_COR_INACTIVE;
        FieldIds ids = FieldIds.since("CUDA 13.2 Update 1 (R595)");
        fields(ids, Conversion.field(MAX_ROWS, 1), consecutive(0, corrected, REMAPPED_ROWS_INACTIVE, SEVERITIES));
    }

    private void retirement() {
        retiredPages(NVML_PAGE_RETIREMENT_CAUSE_MULTIPLE_SINGLE_BIT_ECC_ERRORS, "multiple_single_bit_errors");
        retiredPages(NVML_PAGE_RETIREMENT_CAUSE_DOUBLE_BIT_ECC_ERROR, "double_bit_error");
        number("nvmlDeviceGetRetiredPagesPendingStatus", RETIRED_PAGES_PENDING, YES_OR_NO);
    }

    /**
     * Adds the number of retired pages. If the buffer has no room for page addresses, the function returns their number
     * and INSUFFICIENT_SIZE.
     */
    private void retiredPages(int cause, String label) {
        NvmlFunction.Call call = (device, buffer) -> {
            buffer.putInt32(0, 0);
            int code = nvmlDeviceGetRetiredPages(device, cause, buffer.intAt(0), (LongPointer) null);
            if (code == NVML_ERROR_INSUFFICIENT_SIZE && buffer.int32(0) == 0) {
                buffer.putInt32(0, -1); // the library contradicts itself: reject the value
            }
            return code == NVML_ERROR_INSUFFICIENT_SIZE ? NVML_SUCCESS : Arguments.invalidAsUnsupported(code);
        };
        Value pages = Value.number(RETIRED_PAGES, 0, Conversion.upTo(MAX_PAGES, 1), label);
        all.add(new Row("nvmlDeviceGetRetiredPages", call, IntPointer.class, pages));
    }

    private void memory() {
        Structure<nvmlBAR1Memory_t> bar1 = new Structure<>(nvmlBAR1Memory_t.class, nvmlBAR1Memory_t::new);
        row(
                "nvmlDeviceGetBAR1MemoryInfo",
                bar1.arguments(),
                bar1.value(BAR1_TOTAL, nvmlBAR1Memory_t::bar1Total, BYTES),
                bar1.value(BAR1_USED, b -> partOf(b.bar1Used(), b.bar1Total())));
        Structure<nvmlMemory_t> area = new Structure<>(nvmlMemory_t.class, nvmlMemory_t::new);
        row(
                "nvmlDeviceGetConfComputeProtectedMemoryUsage",
                area.arguments(),
                area.value(PROTECTED_TOTAL, a -> a.total() == 0 ? Conversion.ABSENT : BYTES.of(a.total())),
                area.value(PROTECTED_USED, a -> a.total() == 0 ? Conversion.ABSENT : partOf(a.used(), a.total())));
    }

    private static double partOf(long used, long total) {
        return used <= total ? BYTES.of(used) : Double.NaN;
    }

    private void modes() {
        number("nvmlDeviceGetComputeMode", COMPUTE_MODE, Conversion.upTo(3, 1));
        number("nvmlDeviceGetPersistenceMode", PERSISTENCE_MODE, YES_OR_NO);
        number("nvmlDeviceGetDisplayActive", DISPLAY_ACTIVE, YES_OR_NO);
        firstOfTwo("nvmlDeviceGetGspFirmwareMode", GSP_MODE, YES_OR_NO);
        Structure<nvmlC2cModeInfo_v1_t> c2c = new Structure<>(nvmlC2cModeInfo_v1_t.class, nvmlC2cModeInfo_v1_t::new);
        Value enabled = c2c.value(C2C_MODE, nvmlC2cModeInfo_v1_t::isC2cEnabled, YES_OR_NO);
        row("nvmlDeviceGetC2cModeInfoV", c2c.arguments(), enabled);
        FieldIds ids = FieldIds.since("CUDA 12.8 (R570)");
        fields(ids, Conversion.field(15, 1), new Field(0, NVML_FI_DEV_GET_GPU_RECOVERY_ACTION, RECOVERY_ACTION));
        Structure<nvmlGridLicensableFeatures_t> licenses =
                new Structure<>(nvmlGridLicensableFeatures_t.class, nvmlGridLicensableFeatures_t::new);
        Value licensed = licenses.value(VGPU_LICENSED, HealthRows::licensed);
        row("nvmlDeviceGetGridLicensableFeatures_v4", licenses.arguments(), licensed);
        firstOfTwo("nvmlDeviceGetMigMode", MIG_MODE, YES_OR_NO);
    }

    private static double licensed(nvmlGridLicensableFeatures_t licenses) {
        int features = licenses.licensableFeaturesCount();
        if (features < 0 || features > NVML_GRID_LICENSE_FEATURE_MAX_COUNT) {
            return Double.NaN;
        }
        boolean any = IntStream.range(0, features)
                .anyMatch(i -> licenses.gridLicensableFeatures(i).featureState() != 0);
        return licenses.isGridLicenseSupported() == 0 || features == 0 ? Conversion.ABSENT : any ? 1 : 0;
    }
}
