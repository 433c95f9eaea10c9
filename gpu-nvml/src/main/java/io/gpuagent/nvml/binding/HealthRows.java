package io.gpuagent.nvml.binding;

import static io.gpuagent.device.DeviceMetric.*;
import static io.gpuagent.nvml.binding.Rows.*;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.nvml.binding.ReadTable.Row;
import io.gpuagent.nvml.binding.ReadTable.Value;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlBAR1Memory_t;
import org.bytedeco.cuda.nvml.nvmlDevice_st;
import org.bytedeco.cuda.nvml.nvmlFieldValue_t;
import org.bytedeco.cuda.nvml.nvmlRowRemapperHistogramValues_t;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;

/** The rows of {@link ReadTable} for how a card and its links are. Codes and layouts: {@code nvml.h}. */
final class HealthRows {

    private static final List<String> SEVERITIES = List.of("corrected", "uncorrected");

    /** {@code nvmlMemoryLocation_t} from 0 on. */
    private static final List<String> LOCATIONS =
            List.of("l1_cache", "l2_cache", "dram", "register_file", "texture_memory", "texture_shm", "cbu", "sram");

    /** {@code nvmlNvLinkErrorCounter_t} from 0 on. */
    private static final List<String> LINK_ERRORS = List.of("replay", "recovery", "crc_flit", "crc_data");

    /** {@code NVML_NVLINK_MAX_LINKS}; 18 before CUDA 13.3. */
    private static final int MOST_LINKS = 36;

    private static final int ALL_LINKS = -1;

    private HealthRows() {}

    static Stream<Row> all() {
        return Stream.of(pcie(), ecc(), remapping(), retirement(), bar1(), nvLink(), modes())
                .flatMap(rows -> rows);
    }

    private static Stream<Row> pcie() {
        Conversion generation = Conversion.upTo(16, 1);
        Conversion lanes = Conversion.upTo(64, 1);
        return Stream.of(
                number(
                        "nvmlDeviceGetCurrPcieLinkGeneration",
                        nvml::nvmlDeviceGetCurrPcieLinkGeneration,
                        PCIE_LINK_GENERATION,
                        generation),
                number("nvmlDeviceGetCurrPcieLinkWidth", nvml::nvmlDeviceGetCurrPcieLinkWidth, PCIE_LINK_WIDTH, lanes),
                number(
                        "nvmlDeviceGetMaxPcieLinkGeneration",
                        nvml::nvmlDeviceGetMaxPcieLinkGeneration,
                        PCIE_LINK_MAX_GENERATION,
                        generation),
                number(
                        "nvmlDeviceGetMaxPcieLinkWidth",
                        nvml::nvmlDeviceGetMaxPcieLinkWidth,
                        PCIE_LINK_MAX_WIDTH,
                        lanes),
                number("nvmlDeviceGetPcieReplayCounter", nvml::nvmlDeviceGetPcieReplayCounter, PCIE_REPLAYS, COUNT),
                throughput(PCIE_TRANSMIT, nvml.NVML_PCIE_UTIL_TX_BYTES),
                throughput(PCIE_RECEIVE, nvml.NVML_PCIE_UTIL_RX_BYTES));
    }

    private static Row throughput(DeviceMetric metric, int counter) {
        return number(
                "nvmlDeviceGetPcieThroughput",
                (device, number) -> nvml.nvmlDeviceGetPcieThroughput(device, counter, number),
                metric,
                Conversion.upTo(0xFFFF_FFFEL, 1024));
    }

    private static Stream<Row> ecc() {
        Stream<Row> mode = Stream.of(first("nvmlDeviceGetEccMode", nvml::nvmlDeviceGetEccMode, ECC_MODE, YES_OR_NO));
        Stream<Row> counters = IntStream.range(0, 2)
                .boxed()
                .flatMap(severity -> IntStream.range(0, 2)
                        .boxed()
                        .flatMap(scope -> IntStream.range(0, LOCATIONS.size())
                                .mapToObj(location -> eccErrors(severity, scope, location))));
        return Stream.concat(mode, counters);
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
                        scope == 0 ? "volatile" : "aggregate",
                        LOCATIONS.get(location)));
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
                        banks));
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

    private static Stream<Row> bar1() {
        return Stream.of(new Row(
                "nvmlDeviceGetBAR1MemoryInfo",
                nvmlBAR1Memory_t.class,
                (device, answer) -> nvml.nvmlDeviceGetBAR1MemoryInfo(device, answer.structAt(0, nvmlBAR1Memory_t::new)),
                new Value(BAR1_TOTAL, 0, Conversion.count64(1)),
                new Value(BAR1_USED, 16, Conversion.count64(1))));
    }

    private static Stream<Row> nvLink() {
        Conversion kibibytes = Conversion.field(Long.MAX_VALUE, 1024);
        return Stream.of(
                        choices(
                                "nvmlDeviceGetNvLinkState",
                                nvml::nvmlDeviceGetNvLinkState,
                                NVLINK_UP,
                                YES_OR_NO,
                                numbers(MOST_LINKS)),
                        IntStream.range(0, MOST_LINKS).boxed().flatMap(HealthRows::linkErrors),
                        // Links and their sum are told under one id: the sum alone, or they would be counted twice.
                        Stream.of(new Row(
                                "nvmlDeviceGetFieldValues",
                                nvmlFieldValue_t.class,
                                fields(
                                        ALL_LINKS,
                                        nvml.NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_RX,
                                        nvml.NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_TX),
                                new Value(NVLINK_RECEIVE, 0, kibibytes),
                                new Value(NVLINK_TRANSMIT, FIELD_SIZE, kibibytes))))
                .flatMap(rows -> rows);
    }

    private static Stream<Row> linkErrors(int link) {
        return IntStream.range(0, LINK_ERRORS.size())
                .mapToObj(error -> number64(
                        "nvmlDeviceGetNvLinkErrorCounter",
                        (device, count) -> nvml.nvmlDeviceGetNvLinkErrorCounter(device, link, error, count),
                        new Value(
                                NVLINK_ERRORS,
                                0,
                                Conversion.count64(1),
                                Integer.toString(link),
                                LINK_ERRORS.get(error))));
    }

    private static Stream<Row> modes() {
        return Stream.of(
                number("nvmlDeviceGetComputeMode", nvml::nvmlDeviceGetComputeMode, COMPUTE_MODE, Conversion.upTo(3, 1)),
                number("nvmlDeviceGetPersistenceMode", nvml::nvmlDeviceGetPersistenceMode, PERSISTENCE_MODE, YES_OR_NO),
                first("nvmlDeviceGetMigMode", nvml::nvmlDeviceGetMigMode, MIG_MODE, YES_OR_NO));
    }
}
