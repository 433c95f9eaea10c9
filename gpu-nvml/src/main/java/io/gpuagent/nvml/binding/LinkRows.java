package io.gpuagent.nvml.binding;

import static io.gpuagent.device.DeviceMetric.*;
import static io.gpuagent.nvml.binding.Arguments.NUMBER64;
import static io.gpuagent.nvml.binding.Arguments.numbers;
import static io.gpuagent.nvml.binding.Structure.version;
import static org.bytedeco.cuda.global.nvml.*;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.nvml.binding.ReadTable.Value;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.cuda.nvml.nvmlFieldValue_t;
import org.bytedeco.cuda.nvml.nvmlGpuFabricInfo_t;
import org.bytedeco.cuda.nvml.nvmlGpuFabricInfo_v3_t;

/** Rows for a device's PCIe, NVLink and fabric connections. {@code nvml.h} documents their codes and layouts. */
final class LinkRows extends ReadTableRows {

    /** An upper limit for plausible traffic counters, in bytes: 100 GB/s for more than a year. */
    private static final long MAX_TRANSFERRED = 1L << 62;

    private static final ToDoubleFunction<nvmlFieldValue_t> BYTES_FIELD = Conversion.field(MAX_TRANSFERRED, 1);
    private static final ToDoubleFunction<nvmlFieldValue_t> KIBIBYTES = Conversion.field(MAX_TRANSFERRED / 1024, 1024);

    /** The names of {@code NVML_FI_DEV_PCIE_COUNT_CORRECTABLE_ERRORS} and of the fields that follow it. */
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

    /** The values of {@code nvmlNvLinkErrorCounter_t}, starting at 0. */
    private static final List<String> LINK_ERRORS = List.of("replay", "recovery", "crc_flit", "crc_data");

    /** The value of {@code NVML_NVLINK_MAX_LINKS}, which was 18 before CUDA 13.3. */
    private static final int MAX_LINKS = 36;

    private static final int ALL_LINKS = -1;

    private static final FieldIds NVLINK_5 = FieldIds.since("CUDA 12.6 (R560)");

    /** The names of {@code NVML_FI_DEV_NVLINK_COUNT_MALFORMED_PACKET_ERRORS} and of the fields that follow it. */
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

    LinkRows() {
        pcie();
        nvLink();
        nvLink5();
        fabric();
    }

    private void pcie() {
        Conversion generation = Conversion.upTo(16, 1);
        Conversion lanes = Conversion.upTo(64, 1);
        number("nvmlDeviceGetCurrPcieLinkGeneration", PCIE_LINK_GENERATION, generation);
        number("nvmlDeviceGetCurrPcieLinkWidth", PCIE_LINK_WIDTH, lanes);
        number("nvmlDeviceGetMaxPcieLinkGeneration", PCIE_LINK_MAX_GENERATION, generation);
        number("nvmlDeviceGetMaxPcieLinkWidth", PCIE_LINK_MAX_WIDTH, lanes);
        number("nvmlDeviceGetGpuMaxPcieLinkGeneration", PCIE_LINK_GPU_MAX_GENERATION, generation);
        number("nvmlDeviceGetPcieReplayCounter", PCIE_REPLAYS, COUNT);
        fields(
                FieldIds.since("CUDA 12.4 (R550)"),
                BYTES_FIELD,
                new Field(0, NVML_FI_DEV_PCIE_COUNT_TX_BYTES, PCIE_TRANSMITTED),
                new Field(0, NVML_FI_DEV_PCIE_COUNT_RX_BYTES, PCIE_RECEIVED));
        Field recovery = new Field(0, NVML_FI_DEV_PCIE_L0_TO_RECOVERY_COUNTER, PCIE_ERRORS, "recovery");
        int correctable = NVML_FI_DEV_PCIE_COUNT_CORRECTABLE_ERRORS;
        Stream<Field> others = consecutive(0, correctable, PCIE_ERRORS, PCIE_ERROR_KINDS);
        fields(
                CUDA_12_2,
                Conversion::fieldErrors,
                Stream.concat(Stream.of(recovery), others)); // the recovery field exists since CUDA 12.0
        throughput(PCIE_TRANSMIT, NVML_PCIE_UTIL_TX_BYTES);
        throughput(PCIE_RECEIVE, NVML_PCIE_UTIL_RX_BYTES);
    }

    /**
     * An upper limit for plausible PCIe throughput, 512 GiB/s: twice what 16 lanes of PCIe 7.0 carry in one direction.
     */
    private static final long MAX_PCIE_KILOBYTES = 512L << 20;

    private void throughput(DeviceMetric metric, int counter) {
        Value value = Value.number(metric, 0, Conversion.upTo(MAX_PCIE_KILOBYTES, 1024));
        row("nvmlDeviceGetPcieThroughput", numbers(1).withCode(counter), value);
    }

    private void nvLink() {
        List<String> links =
                IntStream.range(0, MAX_LINKS).mapToObj(Integer::toString).toList();
        rowPerCode("nvmlDeviceGetNvLinkState", numbers(1), Value.number(NVLINK_UP, 0, YES_OR_NO), List.of(links));
        Value errors = Value.number64(NVLINK_ERRORS, ERRORS);
        rowPerCode("nvmlDeviceGetNvLinkErrorCounter", NUMBER64, errors, List.of(links, LINK_ERRORS));
        // The same field ids provide the traffic of each link and the total of all links. The total has a metric of its
        // own, so that a sum over one metric does not count the traffic twice.
        fields(
                OLD,
                KIBIBYTES,
                new Field(ALL_LINKS, NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_RX, NVLINK_RECEIVE),
                new Field(ALL_LINKS, NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_TX, NVLINK_TRANSMIT));
    }

    /**
     * Adds the fields of NVLink 5 before the older fields, since the first row with a value is used. One call reads a
     * field of all links, because most devices have no links.
     */
    private void nvLink5() {
        fields(NVLINK_5, Conversion::fieldErrors, ofLinks(LinkRows::errorFields));
        bytes(NVLINK_5, BYTES_FIELD, NVML_FI_DEV_NVLINK_COUNT_RCV_BYTES, NVML_FI_DEV_NVLINK_COUNT_XMIT_BYTES);
        bytes(OLD, KIBIBYTES, NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_RX, NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_TX);
    }

    private void bytes(FieldIds ids, ToDoubleFunction<nvmlFieldValue_t> conversion, int received, int sent) {
        fields(
                ids,
                conversion,
                ofLinks(link -> Stream.of(
                        new Field(link, received, NVLINK_LINK_RECEIVE, Integer.toString(link)),
                        new Field(link, sent, NVLINK_LINK_TRANSMIT, Integer.toString(link)))));
    }

    private static Stream<Field> ofLinks(IntFunction<Stream<Field>> ofOne) {
        return IntStream.range(0, MAX_LINKS).mapToObj(ofOne).flatMap(all -> all);
    }

    private static Stream<Field> errorFields(int link) {
        String label = Integer.toString(link);
        int malformed = NVML_FI_DEV_NVLINK_COUNT_MALFORMED_PACKET_ERRORS;
        return Stream.concat(
                consecutive(link, malformed, NVLINK_ERRORS, PACKET_ERRORS, label),
                Stream.of(
                        new Field(link, NVML_FI_DEV_NVLINK_COUNT_EFFECTIVE_ERRORS, NVLINK_ERRORS, label, "effective"),
                        new Field(link, NVML_FI_DEV_NVLINK_COUNT_SYMBOL_ERRORS, NVLINK_ERRORS, label, "symbol")));
    }

    private void fabric() {
        fabricInfo(request -> request.version(version(request, 3)));
        // Version 2 of the structure (R550), 36 bytes long. Version 3 starts with the same members.
        fabricInfo(request -> request.version(36 | 2 << 24));
        // Deprecated, but the only function in R535.
        Structure<nvmlGpuFabricInfo_t> info = new Structure<>(nvmlGpuFabricInfo_t.class, nvmlGpuFabricInfo_t::new);
        row(
                "nvmlDeviceGetGpuFabricInfo",
                info.arguments(),
                info.value(FABRIC_STATE, f -> fabricState(f.state())),
                info.value(FABRIC_STATUS, f -> fabricStatus(f.state(), f.status())));
    }

    private void fabricInfo(Consumer<nvmlGpuFabricInfo_v3_t> prepare) {
        Structure<nvmlGpuFabricInfo_v3_t> info =
                new Structure<>(nvmlGpuFabricInfo_v3_t.class, nvmlGpuFabricInfo_v3_t::new, prepare);
        row(
                "nvmlDeviceGetGpuFabricInfoV",
                info.arguments(),
                info.value(FABRIC_STATE, f -> fabricState(f.state())),
                info.value(FABRIC_STATUS, f -> fabricStatus(f.state(), f.status())));
    }

    /** The state of the fabric. Absent if it is 0, which means that the device has no fabric. */
    private static double fabricState(byte state) {
        return state == 0 ? Conversion.ABSENT : state > 0 && state <= 3 ? state : Double.NaN;
    }

    private static double fabricStatus(byte state, int status) {
        return state == 3 ? Conversion.upTo(NVML_ERROR_UNKNOWN, 1).of(status) : Conversion.ABSENT;
    }
}
