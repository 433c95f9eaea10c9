package io.gpuagent.nvml.binding;

import static io.gpuagent.device.DeviceMetric.*;
import static io.gpuagent.nvml.binding.Rows.*;

import io.gpuagent.nvml.binding.ReadTable.Row;
import io.gpuagent.nvml.binding.ReadTable.Value;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlBAR1Memory_t;
import org.bytedeco.cuda.nvml.nvmlC2cModeInfo_v1_t;
import org.bytedeco.cuda.nvml.nvmlDevice_st;
import org.bytedeco.cuda.nvml.nvmlEccSramErrorStatus_v1_t;
import org.bytedeco.cuda.nvml.nvmlGridLicensableFeatures_t;
import org.bytedeco.cuda.nvml.nvmlMemory_t;
import org.bytedeco.cuda.nvml.nvmlRowRemapperHistogramValues_t;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;

/** The rows of {@link ReadTable} for how a card is. Codes and layouts: {@code nvml.h}. */
final class HealthRows {

    private static final List<String> SEVERITIES = List.of("corrected", "uncorrected");

    /** {@code nvmlMemoryLocation_t} from 0 on. */
    private static final List<String> LOCATIONS =
            List.of("l1_cache", "l2_cache", "dram", "register_file", "texture_memory", "texture_shm", "cbu", "sram");

    /** {@code nvmlEccCounterType_t} from 0 on. */
    private static final List<String> SCOPES = List.of("volatile", "aggregate");

    private HealthRows() {}

    static Stream<Row> all() {
        return Stream.of(ecc(), sram(), remapping(), retirement(), memory(), modes())
                .flatMap(rows -> rows);
    }

    private static Stream<Row> ecc() {
        Stream<Row> mode = Stream.of(new Row(
                "nvmlDeviceGetEccMode",
                (device, answer) -> nvml.nvmlDeviceGetEccMode(device, answer.intAt(0), answer.intAt(4)),
                new Value(ECC_MODE, 0, YES_OR_NO),
                new Value(ECC_MODE_PENDING, 4, YES_OR_NO)));
        Stream<Row> counters = IntStream.range(0, SEVERITIES.size())
                .boxed()
                .flatMap(severity -> IntStream.range(0, SCOPES.size())
                        .boxed()
                        .flatMap(scope -> Stream.concat(
                                Stream.of(deviceErrors(severity, scope)),
                                IntStream.range(0, LOCATIONS.size())
                                        .mapToObj(location -> eccErrors(severity, scope, location)))));
        return Stream.concat(mode, counters);
    }

    private static Row deviceErrors(int severity, int scope) {
        return number64(
                "nvmlDeviceGetTotalEccErrors",
                (device, count) -> nvml.nvmlDeviceGetTotalEccErrors(device, severity, scope, count),
                new Value(ECC_DEVICE_ERRORS, 0, Conversion.count64(1), SEVERITIES.get(severity), SCOPES.get(scope)));
    }

    private static Row eccErrors(int severity, int scope, int location) {
        return number64(
                "nvmlDeviceGetMemoryErrorCounter",
                (device, count) -> nvml.nvmlDeviceGetMemoryErrorCounter(device, severity, scope, location, count),
                new Value(
                        ECC_ERRORS,
                        0,
                        Conversion.count64(1),
                        SEVERITIES.get(severity),
                        SCOPES.get(scope),
                        LOCATIONS.get(location)));
    }

    /** {@code nvmlEccSramErrorStatus_v1_t}: numbers of 64 bits, with the corrected ones, which are told elsewhere, at 24 and 48. */
    private static Stream<Row> sram() {
        Conversion count = Conversion.count64(1);
        List<String> units = List.of("l2", "sm", "pcie", "mcu", "other");
        Stream<Value> values = Stream.of(
                new Value(ECC_SRAM_ERRORS, 8, count, "aggregate", "parity"),
                new Value(ECC_SRAM_ERRORS, 16, count, "aggregate", "secded"),
                new Value(ECC_SRAM_ERRORS, 32, count, "volatile", "parity"),
                new Value(ECC_SRAM_ERRORS, 40, count, "volatile", "secded"),
                new Value(ECC_SRAM_THRESHOLD, 96, YES_OR_NO));
        Stream<Value> byUnit = IntStream.range(0, units.size())
                .mapToObj(i -> new Value(ECC_SRAM_UNIT_ERRORS, 56 + 8 * i, count, units.get(i)));
        return Stream.of(new Row(
                "nvmlDeviceGetSramEccErrorStatus",
                nvmlEccSramErrorStatus_v1_t.class,
                (device, answer) -> {
                    answer.putInt32(0, 104 | 1 << 24);
                    int code = nvml.nvmlDeviceGetSramEccErrorStatus(
                            device, answer.structAt(0, nvmlEccSramErrorStatus_v1_t::new));
                    // Told to root alone (nvml.h): that others are refused is no fault.
                    return code == nvml.NVML_ERROR_NO_PERMISSION ? nvml.NVML_ERROR_NOT_SUPPORTED : code;
                },
                Stream.concat(values, byUnit).toArray(Value[]::new)));
    }

    /** Refused with NOT_SUPPORTED while there are MIG instances. */
    private static Stream<Row> remapping() {
        List<String> left = List.of("max", "high", "partial", "low", "none");
        Value[] banks = IntStream.range(0, left.size())
                .mapToObj(i -> new Value(ROW_REMAPPER_BANKS, 4 * i, COUNT, left.get(i)))
                .toArray(Value[]::new);
        return Stream.of(
                new Row(
                        "nvmlDeviceGetRemappedRows",
                        (device, answer) -> nvml.nvmlDeviceGetRemappedRows(
                                device, answer.intAt(0), answer.intAt(4), answer.intAt(8), answer.intAt(12)),
                        new Value(REMAPPED_ROWS, 0, COUNT, SEVERITIES.get(0)),
                        new Value(REMAPPED_ROWS, 4, COUNT, SEVERITIES.get(1)),
                        new Value(ROW_REMAPPING_PENDING, 8, YES_OR_NO),
                        new Value(ROW_REMAPPING_FAILED, 12, YES_OR_NO)),
                new Row(
                        "nvmlDeviceGetRowRemapperHistogram",
                        nvmlRowRemapperHistogramValues_t.class,
                        (device, answer) -> nvml.nvmlDeviceGetRowRemapperHistogram(
                                device, answer.structAt(0, nvmlRowRemapperHistogramValues_t::new)),
                        banks),
                fields(
                        Conversion.field(0xFFFF_FFFEL, 1),
                        fields(0, nvml.NVML_FI_DEV_REMAPPED_ROWS_COR_INACTIVE, REMAPPED_ROWS_INACTIVE, SEVERITIES)
                                .toArray(Field[]::new)));
    }

    private static Stream<Row> retirement() {
        return Stream.concat(
                choices(
                        "nvmlDeviceGetRetiredPages",
                        HealthRows::countRetiredPages,
                        RETIRED_PAGES,
                        COUNT,
                        List.of("multiple_single_bit_errors", "double_bit_error")),
                Stream.of(number(
                        "nvmlDeviceGetRetiredPagesPendingStatus",
                        nvml::nvmlDeviceGetRetiredPagesPendingStatus,
                        RETIRED_PAGES_PENDING,
                        YES_OR_NO)));
    }

    /** Without room for their addresses, the answer is their number and that there is too little room for them. */
    private static int countRetiredPages(nvmlDevice_st device, int cause, IntPointer count) {
        count.put(0, 0);
        int code = nvml.nvmlDeviceGetRetiredPages(device, cause, count, (LongPointer) null);
        return code == nvml.NVML_ERROR_INSUFFICIENT_SIZE ? nvml.NVML_SUCCESS : code;
    }

    private static Stream<Row> memory() {
        Conversion bytes = Conversion.count64(1);
        Conversion ofSome = (answer, at) -> answer.int64(0) == 0 ? Conversion.ABSENT : bytes.of(answer, at);
        return Stream.of(
                new Row(
                        "nvmlDeviceGetBAR1MemoryInfo",
                        nvmlBAR1Memory_t.class,
                        (device, answer) ->
                                nvml.nvmlDeviceGetBAR1MemoryInfo(device, answer.structAt(0, nvmlBAR1Memory_t::new)),
                        new Value(BAR1_TOTAL, 0, bytes),
                        new Value(BAR1_USED, 16, bytes)),
                new Row(
                        "nvmlDeviceGetConfComputeProtectedMemoryUsage",
                        nvmlMemory_t.class,
                        (device, answer) -> nvml.nvmlDeviceGetConfComputeProtectedMemoryUsage(
                                device, answer.structAt(0, nvmlMemory_t::new)),
                        new Value(PROTECTED_TOTAL, 0, ofSome),
                        new Value(PROTECTED_USED, 16, ofSome)));
    }

    private static Stream<Row> modes() {
        return Stream.of(
                number("nvmlDeviceGetComputeMode", nvml::nvmlDeviceGetComputeMode, COMPUTE_MODE, Conversion.upTo(3, 1)),
                number("nvmlDeviceGetPersistenceMode", nvml::nvmlDeviceGetPersistenceMode, PERSISTENCE_MODE, YES_OR_NO),
                number("nvmlDeviceGetDisplayActive", nvml::nvmlDeviceGetDisplayActive, DISPLAY_ACTIVE, YES_OR_NO),
                first("nvmlDeviceGetGspFirmwareMode", nvml::nvmlDeviceGetGspFirmwareMode, GSP_MODE, YES_OR_NO),
                new Row(
                        "nvmlDeviceGetC2cModeInfoV",
                        nvmlC2cModeInfo_v1_t.class,
                        (device, answer) ->
                                nvml.nvmlDeviceGetC2cModeInfoV(device, answer.structAt(0, nvmlC2cModeInfo_v1_t::new)),
                        new Value(C2C_MODE, 0, YES_OR_NO)),
                fields(
                        Conversion.field(15, 1),
                        new Field(0, nvml.NVML_FI_DEV_GET_GPU_RECOVERY_ACTION, RECOVERY_ACTION)),
                new Row(
                        "nvmlDeviceGetGridLicensableFeatures_v4",
                        nvmlGridLicensableFeatures_t.class,
                        (device, answer) -> nvml.nvmlDeviceGetGridLicensableFeatures_v4(
                                device, answer.structAt(0, nvmlGridLicensableFeatures_t::new)),
                        new Value(VGPU_LICENSED, 0, HealthRows::licensed)),
                first("nvmlDeviceGetMigMode", nvml::nvmlDeviceGetMigMode, MIG_MODE, YES_OR_NO));
    }

    /**
     * {@code nvmlGridLicensableFeatures_t}: at 0 whether there can be licenses, at 4 for how many features, of which there is room for
     * three; from 8 on 284 bytes for each, with its state at 4.
     */
    private static double licensed(NativeMemory answer, int at) {
        int features = answer.int32(4);
        if (features < 0 || features > 3) {
            return Double.NaN;
        }
        boolean any = IntStream.range(0, features).anyMatch(i -> answer.int32(8 + 284 * i + 4) != 0);
        return answer.int32(at) == 0 || features == 0 ? Conversion.ABSENT : any ? 1 : 0;
    }
}
