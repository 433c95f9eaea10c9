package io.gpuagent.nvml.binding;

import static io.gpuagent.device.DeviceMetric.*;
import static io.gpuagent.nvml.binding.Rows.*;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.nvml.binding.ReadTable.Row;
import io.gpuagent.nvml.binding.ReadTable.Value;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlGpuFabricInfo_v3_t;

/** The rows of {@link ReadTable} for what a card is connected by. Codes and layouts: {@code nvml.h}. */
final class LinkRows {

    private static final Conversion COUNTER_FIELD = Conversion.field(Long.MAX_VALUE, 1);
    private static final Conversion KIBIBYTES = Conversion.field(Long.MAX_VALUE, 1024);

    /** {@code NVML_FI_DEV_PCIE_COUNT_CORRECTABLE_ERRORS} and the fields that follow it. */
    private static final List<String> PCIE_ERROR_KINDS = List.of(
            "correctable",
            "nak_received",
            "receiver",
            "bad_tlp",
            "nak_sent",
            "bad_dllp",
            "non_fatal",
            "fatal",
            "unsupported_request",
            "lcrc");

    /** {@code nvmlNvLinkErrorCounter_t} from 0 on. */
    private static final List<String> LINK_ERRORS = List.of("replay", "recovery", "crc_flit", "crc_data");

    /** {@code NVML_NVLINK_MAX_LINKS}; 18 before CUDA 13.3. */
    private static final int MOST_LINKS = 36;

    private static final int ALL_LINKS = -1;

    /** {@code NVML_FI_DEV_NVLINK_COUNT_MALFORMED_PACKET_ERRORS} and the fields that follow it. */
    private static final List<String> PACKET_ERRORS = List.of(
            "malformed_packet",
            "buffer_overrun",
            "receive",
            "receive_remote",
            "receive_general",
            "local_link_integrity",
            "transmit_discard",
            "recovery_successful",
            "recovery_failed");

    private LinkRows() {}

    static Stream<Row> all() {
        return Stream.of(pcie(), nvLink(), fabric()).flatMap(rows -> rows);
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
                number(
                        "nvmlDeviceGetGpuMaxPcieLinkGeneration",
                        nvml::nvmlDeviceGetGpuMaxPcieLinkGeneration,
                        PCIE_LINK_GPU_MAX_GENERATION,
                        generation),
                number("nvmlDeviceGetPcieReplayCounter", nvml::nvmlDeviceGetPcieReplayCounter, PCIE_REPLAYS, COUNT),
                fields(
                        COUNTER_FIELD,
                        new Field(0, nvml.NVML_FI_DEV_PCIE_COUNT_TX_BYTES, PCIE_TRANSMITTED),
                        new Field(0, nvml.NVML_FI_DEV_PCIE_COUNT_RX_BYTES, PCIE_RECEIVED)),
                fields(COUNTER_FIELD, pcieErrors().toArray(Field[]::new)),
                throughput(PCIE_TRANSMIT, nvml.NVML_PCIE_UTIL_TX_BYTES),
                throughput(PCIE_RECEIVE, nvml.NVML_PCIE_UTIL_RX_BYTES));
    }

    private static Stream<Field> pcieErrors() {
        return Stream.concat(
                Stream.of(new Field(0, nvml.NVML_FI_DEV_PCIE_L0_TO_RECOVERY_COUNTER, PCIE_ERRORS, "recovery")),
                fields(0, nvml.NVML_FI_DEV_PCIE_COUNT_CORRECTABLE_ERRORS, PCIE_ERRORS, PCIE_ERROR_KINDS));
    }

    private static Row throughput(DeviceMetric metric, int counter) {
        return number(
                "nvmlDeviceGetPcieThroughput",
                (device, number) -> nvml.nvmlDeviceGetPcieThroughput(device, counter, number),
                metric,
                Conversion.upTo(0xFFFF_FFFEL, 1024));
    }

    private static Stream<Row> nvLink() {
        return Stream.of(
                        choices(
                                "nvmlDeviceGetNvLinkState",
                                nvml::nvmlDeviceGetNvLinkState,
                                NVLINK_UP,
                                YES_OR_NO,
                                numbers(MOST_LINKS)),
                        IntStream.range(0, MOST_LINKS).boxed().flatMap(LinkRows::linkErrors),
                        // Links and their sum are told under one id, and shown under two names, or they would be
                        // counted twice.
                        Stream.of(fields(
                                KIBIBYTES,
                                new Field(ALL_LINKS, nvml.NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_RX, NVLINK_RECEIVE),
                                new Field(ALL_LINKS, nvml.NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_TX, NVLINK_TRANSMIT))),
                        linkFields())
                .flatMap(rows -> rows);
    }

    /** What NVLink 5 has in the place of older functions and fields, before those. All links by one call: most cards have none. */
    private static Stream<Row> linkFields() {
        return Stream.of(
                fields(COUNTER_FIELD, ofLinks(LinkRows::errorFields)),
                fields(
                        COUNTER_FIELD,
                        ofLinks(link -> byteFields(
                                link,
                                nvml.NVML_FI_DEV_NVLINK_COUNT_RCV_BYTES,
                                nvml.NVML_FI_DEV_NVLINK_COUNT_XMIT_BYTES))),
                fields(
                        KIBIBYTES,
                        ofLinks(link -> byteFields(
                                link,
                                nvml.NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_RX,
                                nvml.NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_TX))));
    }

    private static Field[] ofLinks(IntFunction<Stream<Field>> ofOne) {
        return IntStream.range(0, MOST_LINKS)
                .mapToObj(ofOne)
                .flatMap(all -> all)
                .toArray(Field[]::new);
    }

    private static Stream<Field> errorFields(int link) {
        String label = Integer.toString(link);
        return Stream.concat(
                fields(
                        link,
                        nvml.NVML_FI_DEV_NVLINK_COUNT_MALFORMED_PACKET_ERRORS,
                        NVLINK_ERRORS,
                        PACKET_ERRORS,
                        label),
                Stream.of(
                        new Field(
                                link,
                                nvml.NVML_FI_DEV_NVLINK_COUNT_EFFECTIVE_ERRORS,
                                NVLINK_ERRORS,
                                label,
                                "effective"),
                        new Field(link, nvml.NVML_FI_DEV_NVLINK_COUNT_SYMBOL_ERRORS, NVLINK_ERRORS, label, "symbol")));
    }

    private static Stream<Field> byteFields(int link, int received, int sent) {
        String label = Integer.toString(link);
        return Stream.of(
                new Field(link, received, NVLINK_LINK_RECEIVE, label),
                new Field(link, sent, NVLINK_LINK_TRANSMIT, label));
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

    /** {@code nvmlGpuFabricInfo_v2_t}: the status at 20, and the state, a byte, at 28. */
    private static Stream<Row> fabric() {
        return Stream.of(new Row(
                "nvmlDeviceGetGpuFabricInfoV",
                nvmlGpuFabricInfo_v3_t.class,
                (device, answer) -> {
                    answer.putInt32(0, 36 | 2 << 24); // as of R550; the third version has nothing that is told here
                    return nvml.nvmlDeviceGetGpuFabricInfoV(device, answer.structAt(0, nvmlGpuFabricInfo_v3_t::new));
                },
                new Value(FABRIC_STATE, 28, LinkRows::fabricState),
                new Value(
                        FABRIC_STATUS,
                        20,
                        (answer, at) -> fabricState(answer, 28) == 3 ? COUNT.of(answer, at) : Conversion.ABSENT)));
    }

    /** 0 where there is no fabric. */
    private static double fabricState(NativeMemory answer, int at) {
        int state = answer.int32(at) & 0xFF;
        return state == 0 ? Conversion.ABSENT : state <= 3 ? state : Double.NaN;
    }
}
