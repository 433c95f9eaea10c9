package io.gpuagent.device;

import static io.gpuagent.device.DeviceMetric.Kind.COUNTER;
import static io.gpuagent.device.DeviceMetric.Kind.GAUGE;
import static io.gpuagent.device.DeviceMetric.Tier.EVERY_TICK;
import static io.gpuagent.device.DeviceMetric.Tier.OPT_IN;
import static io.gpuagent.device.DeviceMetric.Tier.SLOW;
import static io.gpuagent.device.DeviceMetric.Unit.BYTES;
import static io.gpuagent.device.DeviceMetric.Unit.BYTES_PER_SECOND;
import static io.gpuagent.device.DeviceMetric.Unit.CELSIUS;
import static io.gpuagent.device.DeviceMetric.Unit.HERTZ;
import static io.gpuagent.device.DeviceMetric.Unit.NONE;
import static io.gpuagent.device.DeviceMetric.Unit.RATIO;
import static io.gpuagent.device.DeviceMetric.Unit.SECONDS;
import static io.gpuagent.device.DeviceMetric.Unit.WATTS;

import java.util.List;

/**
 * The catalogue of device metrics. Each row is exposed as {@code gpu_<name>_<unit>}; the names of counters end in
 * {@code _total}.
 */
public enum DeviceMetric {
    // spotless:off: a table with two lines per row
    UTILIZATION("utilization", RATIO, GAUGE, MetricGroup.BASIC, EVERY_TICK,
            "Fraction of the driver's last sampling window (1/6 s to 1 s) during which a kernel was running. Measures busy time, not how much of the GPU's capacity was used."),
    MEMORY_UTILIZATION("memory_utilization", RATIO, GAUGE, MetricGroup.BASIC, EVERY_TICK,
            "Fraction of the driver's last sampling window during which device memory was read or written. Measures busy time, not allocated bytes."),
    TEMPERATURE("temperature", CELSIUS, GAUGE, MetricGroup.BASIC, EVERY_TICK,
            "GPU die temperature."),
    POWER("power", WATTS, GAUGE, MetricGroup.BASIC, EVERY_TICK,
            "Power draw of the board: a one-second average on Ampere (except GA100) and newer, instantaneous on older cards."),
    POWER_LIMIT("power_limit", WATTS, GAUGE, MetricGroup.BASIC, EVERY_TICK,
            "Power limit enforced by the driver."),
    ENCODER_UTILIZATION("encoder_utilization", RATIO, GAUGE, MetricGroup.VIDEO, EVERY_TICK,
            "Fraction of the driver's sampling window during which the video encoders were busy."),
    DECODER_UTILIZATION("decoder_utilization", RATIO, GAUGE, MetricGroup.VIDEO, EVERY_TICK,
            "Fraction of the driver's sampling window during which the video decoders were busy."),
    JPEG_UTILIZATION("jpeg_utilization", RATIO, GAUGE, MetricGroup.VIDEO, EVERY_TICK,
            "Fraction of the driver's sampling window during which the JPEG engines were busy."),
    OFA_UTILIZATION("ofa_utilization", RATIO, GAUGE, MetricGroup.VIDEO, EVERY_TICK,
            "Fraction of the driver's sampling window during which the optical flow accelerators were busy."),
    ENCODER_SESSIONS("encoder_sessions", NONE, GAUGE, MetricGroup.VIDEO, SLOW,
            "Number of video encoder sessions."),
    ENCODER_FRAME_RATE("encoder_frame_rate", HERTZ, GAUGE, MetricGroup.VIDEO, SLOW,
            "Encoded frames per second, averaged over the encoder sessions."),
    ENCODER_LATENCY("encoder_latency", SECONDS, GAUGE, MetricGroup.VIDEO, SLOW,
            "Encoding latency, averaged over the encoder sessions."),
    CLOCK("clock", HERTZ, GAUGE, MetricGroup.CLOCKS, EVERY_TICK,
            "Current clock frequency of the domain.", "domain"),
    CLOCK_MAX("clock_max", HERTZ, GAUGE, MetricGroup.CLOCKS, SLOW,
            "Maximum clock frequency of the domain.", "domain"),
    CLOCK_EVENT("clock_event_active", NONE, GAUGE, MetricGroup.CLOCKS, EVERY_TICK,
            "1 while clocks are reduced for this reason (called throttle reasons before R535). Reason unknown combines all reasons unknown to this version of the agent.", "reason"),
    CLOCK_VIOLATION("clock_violation", SECONDS, COUNTER, MetricGroup.CLOCKS, SLOW,
            "Time during which clocks were below the requested frequency, by the policy that reduced them (nvmlPerfPolicyType_t).", "policy"),
    CLOCK_EVENT_TIME("clock_event", SECONDS, COUNTER, MetricGroup.CLOCKS, SLOW,
            "Time during which clocks were reduced for this reason (fields 74 and 76 in nvml.h, and 251 to 253 up to driver 580.65 or 269 to 271 from 580.82 on).", "reason"),
    PERFORMANCE_STATE("performance_state", NONE, GAUGE, MetricGroup.CLOCKS, EVERY_TICK,
            "Performance state, from 0 (maximum performance) to 15 (minimum)."),
    MEMORY_TEMPERATURE("memory_temperature", CELSIUS, GAUGE, MetricGroup.TEMPERATURES, EVERY_TICK,
            "Memory temperature."),
    TEMPERATURE_THRESHOLD("temperature_threshold", CELSIUS, GAUGE, MetricGroup.TEMPERATURES, SLOW,
            "Temperature at which the GPU shuts down (shutdown) or slows down (slowdown), and the maximum operating temperature of its memory (memory_max) and of the GPU (gpu_max).", "threshold"),
    TEMPERATURE_MARGIN("temperature_margin", CELSIUS, GAUGE, MetricGroup.TEMPERATURES, EVERY_TICK,
            "Degrees Celsius below the nearest temperature at which clocks are reduced."),
    TEMPERATURE_MARGIN_THRESHOLD("temperature_margin_threshold", CELSIUS, GAUGE, MetricGroup.TEMPERATURES, SLOW,
            "Temperature margin at which the GPU may shut down (shutdown) or slow down (slowdown), or at which the temperature of its memory (memory_max) or of the GPU (gpu_max) reduces clocks. May be negative (fields 193 to 196 in nvml.h; Ada and newer).", "threshold"),
    POWER_INSTANT("power_instant", WATTS, GAUGE, MetricGroup.POWER, EVERY_TICK,
            "Instantaneous power draw (field 186 in nvml.h; R535 and newer)."),
    POWER_AVERAGE("power_average", WATTS, GAUGE, MetricGroup.POWER, EVERY_TICK,
            "Power draw, averaged over one second (field 185 in nvml.h; R535 and newer)."),
    MODULE_POWER("module_power", WATTS, GAUGE, MetricGroup.POWER, EVERY_TICK,
            "Instantaneous power draw of the module that contains the GPU, such as a GPU and its Grace CPU. Includes the GPU's power: do not add the two (field 186 in nvml.h, scope 1)."),
    POWER_LIMIT_SET("power_limit_set", WATTS, GAUGE, MetricGroup.POWER, SLOW,
            "Power limit set by software. The enforced limit may be lower."),
    POWER_LIMIT_MIN("power_limit_min", WATTS, GAUGE, MetricGroup.POWER, SLOW,
            "Minimum power limit that can be set."),
    POWER_LIMIT_MAX("power_limit_max", WATTS, GAUGE, MetricGroup.POWER, SLOW,
            "Maximum power limit that can be set."),
    POWER_LIMIT_DEFAULT("power_limit_default", WATTS, GAUGE, MetricGroup.POWER, SLOW,
            "Default power limit."),
    FAN_SPEED("fan_speed", RATIO, GAUGE, MetricGroup.FANS, EVERY_TICK,
            "Intended fan speed as a fraction of its maximum. May exceed 1 (nvml.h).", "fan"),
    PCIE_LINK_GENERATION("pcie_link_generation", NONE, GAUGE, MetricGroup.PCIE, SLOW,
            "Current PCIe link generation. Lower while the GPU is idle."),
    PCIE_LINK_WIDTH("pcie_link_width", NONE, GAUGE, MetricGroup.PCIE, SLOW,
            "Current PCIe link width in lanes."),
    PCIE_LINK_MAX_GENERATION("pcie_link_max_generation", NONE, GAUGE, MetricGroup.PCIE, SLOW,
            "Maximum PCIe link generation supported by both the GPU and the host."),
    PCIE_LINK_MAX_WIDTH("pcie_link_max_width", NONE, GAUGE, MetricGroup.PCIE, SLOW,
            "Maximum PCIe link width in lanes supported by both the GPU and the host."),
    PCIE_LINK_GPU_MAX_GENERATION("pcie_link_gpu_max_generation", NONE, GAUGE, MetricGroup.PCIE, SLOW,
            "Maximum PCIe link generation supported by the GPU."),
    PCIE_REPLAYS("pcie_replays", NONE, COUNTER, MetricGroup.PCIE, SLOW,
            "PCIe packets that were retransmitted (replays)."),
    PCIE_ERRORS("pcie_errors", NONE, COUNTER, MetricGroup.PCIE, SLOW,
            "PCIe link errors by kind. One error may be counted under several kinds (fields 169 and 173 to 182 in nvml.h).", "error"),
    PCIE_RECEIVED("pcie_received", BYTES, COUNTER, MetricGroup.PCIE, SLOW,
            "Data received over PCIe. The driver may reset this counter to any value (field 198 in nvml.h)."),
    PCIE_TRANSMITTED("pcie_transmitted", BYTES, COUNTER, MetricGroup.PCIE, SLOW,
            "Data sent over PCIe. The driver may reset this counter to any value (field 197 in nvml.h)."),
    PCIE_RECEIVE("pcie_receive", BYTES_PER_SECOND, GAUGE, MetricGroup.PCIE_THROUGHPUT, OPT_IN,
            "PCIe receive throughput over the last 20 ms. The driver's KB is taken as 1024 bytes."),
    PCIE_TRANSMIT("pcie_transmit", BYTES_PER_SECOND, GAUGE, MetricGroup.PCIE_THROUGHPUT, OPT_IN,
            "PCIe transmit throughput over the last 20 ms. The driver's KB is taken as 1024 bytes."),
    ECC_MODE("ecc_mode", NONE, GAUGE, MetricGroup.ECC, SLOW,
            "1 if ECC is enabled."),
    ECC_MODE_PENDING("ecc_mode_pending", NONE, GAUGE, MetricGroup.ECC, SLOW,
            "1 if ECC will be enabled after the next reboot."),
    ECC_ERRORS("ecc_errors", NONE, COUNTER, MetricGroup.ECC, SLOW,
            "ECC errors by location (nvmlMemoryLocation_t), where the card reports them by location. Scope volatile: since the driver was loaded; scope aggregate: over the lifetime of the card.", "severity", "scope", "location"),
    ECC_DEVICE_ERRORS("ecc_device_errors", NONE, COUNTER, MetricGroup.ECC, SLOW,
            "ECC errors of all locations, including errors that the card does not report in gpu_ecc_errors_total. Do not add the two.", "severity", "scope"),
    ECC_SRAM_ERRORS("ecc_sram_errors", NONE, COUNTER, MetricGroup.ECC, SLOW,
            "Uncorrected SRAM ECC errors by the check that detected them. A breakdown of gpu_ecc_errors_total.", "scope", "kind"),
    ECC_SRAM_UNIT_ERRORS("ecc_sram_unit_errors", NONE, COUNTER, MetricGroup.ECC, SLOW,
            "Uncorrected SRAM ECC errors over the lifetime of the card, by unit. A breakdown of gpu_ecc_errors_total.", "unit"),
    ECC_SRAM_THRESHOLD("ecc_sram_threshold_exceeded", NONE, GAUGE, MetricGroup.ECC, SLOW,
            "1 if uncorrected SRAM errors exceed the threshold of NVIDIA's field diagnostics."),
    REMAPPED_ROWS("remapped_rows", NONE, GAUGE, MetricGroup.ECC, SLOW,
            "Number of memory rows remapped because of errors, by severity of the error. Not reported while MIG instances exist.", "severity"),
    REMAPPED_ROWS_INACTIVE("remapped_rows_inactive", NONE, GAUGE, MetricGroup.ECC, SLOW,
            "Row remappings that are not in effect (fields 301 and 302 in nvml.h; R595 and newer).", "severity"),
    ROW_REMAPPING_PENDING("row_remapping_pending", NONE, GAUGE, MetricGroup.ECC, SLOW,
            "1 if rows will be remapped at the next GPU reset."),
    ROW_REMAPPING_FAILED("row_remapping_failed", NONE, GAUGE, MetricGroup.ECC, SLOW,
            "1 if a row remapping has failed: replace the card."),
    ROW_REMAPPER_BANKS("row_remapper_banks", NONE, GAUGE, MetricGroup.ECC, SLOW,
            "Memory banks by the number of spare rows left for remapping.", "availability"),
    RETIRED_PAGES("retired_pages", NONE, GAUGE, MetricGroup.ECC, SLOW,
            "Retired memory pages, on cards without row remapping.", "cause"),
    RETIRED_PAGES_PENDING("retired_pages_pending", NONE, GAUGE, MetricGroup.ECC, SLOW,
            "1 if pages will be retired at the next reboot or reset."),
    BAR1_TOTAL("bar1_memory_total", BYTES, GAUGE, MetricGroup.BAR1, SLOW,
            "Size of BAR1, the window through which the host accesses GPU memory."),
    BAR1_USED("bar1_memory_used", BYTES, GAUGE, MetricGroup.BAR1, SLOW,
            "Mapped memory in BAR1, the window through which the host accesses GPU memory."),
    PROTECTED_TOTAL("protected_memory_total", BYTES, GAUGE, MetricGroup.BAR1, SLOW,
            "Size of the memory region protected by confidential computing. No series if confidential computing is off."),
    PROTECTED_USED("protected_memory_used", BYTES, GAUGE, MetricGroup.BAR1, SLOW,
            "Memory in use within the region protected by confidential computing."),
    NVLINK_UP("nvlink_up", NONE, GAUGE, MetricGroup.NVLINK, SLOW,
            "1 if the NVLink is active.", "link"),
    NVLINK_ERRORS("nvlink_errors", NONE, COUNTER, MetricGroup.NVLINK, SLOW,
            "NVLink errors by kind. One error may be counted under several kinds. The kinds replay, recovery, crc_flit and crc_data exist before Blackwell. Other kinds: NVLink 5 (fields 206 to 214, 219 and 221 in nvml.h).", "link", "error"),
    NVLINK_RECEIVE("nvlink_receive", BYTES, COUNTER, MetricGroup.NVLINK, SLOW,
            "Data received over all NVLinks (field 139 in nvml.h, otherwise the sum of the links)."),
    NVLINK_TRANSMIT("nvlink_transmit", BYTES, COUNTER, MetricGroup.NVLINK, SLOW,
            "Data sent over all NVLinks (field 138 in nvml.h, otherwise the sum of the links)."),
    NVLINK_LINK_RECEIVE("nvlink_link_receive", BYTES, COUNTER, MetricGroup.NVLINK, SLOW,
            "Data received over one NVLink. A breakdown of gpu_nvlink_receive_bytes_total (field 204 in nvml.h for NVLink 5, otherwise 139).", "link"),
    NVLINK_LINK_TRANSMIT("nvlink_link_transmit", BYTES, COUNTER, MetricGroup.NVLINK, SLOW,
            "Data sent over one NVLink. A breakdown of gpu_nvlink_transmit_bytes_total (field 202 in nvml.h for NVLink 5, otherwise 138).", "link"),
    FABRIC_STATE("fabric_state", NONE, GAUGE, MetricGroup.NVLINK, SLOW,
            "State of the GPU's registration with the NVLink fabric: 1 not started, 2 in progress, 3 completed (NVML_GPU_FABRIC_STATE in nvml.h)."),
    FABRIC_STATUS("fabric_status", NONE, GAUGE, MetricGroup.NVLINK, SLOW,
            "Result of the completed registration with the NVLink fabric: 0 success, otherwise the error (nvmlReturn_t)."),
    COMPUTE_MODE("compute_mode", NONE, GAUGE, MetricGroup.MODES, SLOW,
            "Compute processes allowed on the GPU: 0 any number, 2 none, 3 one (nvmlComputeMode_t)."),
    PERSISTENCE_MODE("persistence_mode", NONE, GAUGE, MetricGroup.MODES, SLOW,
            "1 if the driver keeps the GPU initialized while no process uses it. Always 0 in a container without the socket of the persistence daemon."),
    DISPLAY_ACTIVE("display_active", NONE, GAUGE, MetricGroup.MODES, SLOW,
            "1 if a display is initialized on the GPU, with or without a monitor."),
    GSP_MODE("gsp_firmware_mode", NONE, GAUGE, MetricGroup.MODES, SLOW,
            "1 if driver tasks are offloaded to firmware on the GPU System Processor (GSP)."),
    C2C_MODE("c2c_mode", NONE, GAUGE, MetricGroup.MODES, SLOW,
            "1 if the chip-to-chip (C2C) link to the CPU is enabled."),
    RECOVERY_ACTION("recovery_action", NONE, GAUGE, MetricGroup.MODES, SLOW,
            "Action needed to recover the GPU: 0 none, 1 reset the GPU, 2 reboot the node, 3 drain peer-to-peer traffic, 4 drain and reset, 5 recover the IMEX domain (nvmlDeviceGpuRecoveryAction_t)."),
    VGPU_LICENSED("vgpu_licensed", NONE, GAUGE, MetricGroup.MODES, SLOW,
            "1 if a vGPU software feature is licensed. Reported only if the GPU supports licensing."),
    MIG_MODE("mig_mode", NONE, GAUGE, MetricGroup.MODES, EVERY_TICK,
            "1 if MIG mode is enabled."),
    GPM_GRAPHICS_UTILIZATION("gpm_graphics_utilization", RATIO, 1, "Fraction of time during which any compute or graphics application was active on the GPU"),
    GPM_SM_UTILIZATION("gpm_sm_utilization", RATIO, 2, "Fraction of the SMs that were busy. Unlike gpu_utilization_ratio, this measures the capacity used"),
    GPM_SM_OCCUPANCY("gpm_sm_occupancy", RATIO, 3, "Active warps as a fraction of the theoretical maximum"),
    GPM_INTEGER_UTILIZATION("gpm_integer_utilization", RATIO, 4, "Fraction of time during which the SMs performed integer operations"),
    GPM_TENSOR_UTILIZATION("gpm_tensor_utilization", RATIO, 5, "Fraction of time during which the SMs performed tensor operations of any kind"),
    GPM_MEMORY_BANDWIDTH_UTILIZATION("gpm_memory_bandwidth_utilization", RATIO, 10, "Used device memory bandwidth as a fraction of the theoretical maximum"),
    GPM_FP64_UTILIZATION("gpm_fp64_utilization", RATIO, 11, "Fraction of time during which the SMs performed FP64 operations outside tensor cores"),
    GPM_FP32_UTILIZATION("gpm_fp32_utilization", RATIO, 12, "Fraction of time during which the SMs performed FP32 operations outside tensor cores"),
    GPM_FP16_UTILIZATION("gpm_fp16_utilization", RATIO, 13, "Fraction of time during which the SMs performed FP16 operations outside tensor cores"),
    GPM_PCIE_TRANSMIT("gpm_pcie_transmit", BYTES_PER_SECOND, 20, "PCIe transmit throughput"),
    GPM_PCIE_RECEIVE("gpm_pcie_receive", BYTES_PER_SECOND, 21, "PCIe receive throughput"),
    GPM_NVLINK_RECEIVE("gpm_nvlink_receive", BYTES_PER_SECOND, 60, "Receive throughput of all NVLinks"),
    GPM_NVLINK_TRANSMIT("gpm_nvlink_transmit", BYTES_PER_SECOND, 61, "Transmit throughput of all NVLinks");
    // spotless:on

    /** The base unit of a value, which determines the suffix of the exposed name. */
    public enum Unit {
        /** A fraction from 0 to 1. */
        RATIO("_ratio"),
        CELSIUS("_celsius"),
        WATTS("_watts"),
        HERTZ("_hertz"),
        SECONDS("_seconds"),
        BYTES("_bytes"),
        BYTES_PER_SECOND("_bytes_per_second"),
        /** A count, a code, or 1 for true and 0 for false. */
        NONE("");

        private final String suffix;

        Unit(String suffix) {
            this.suffix = suffix;
        }
    }

    /** The Prometheus metric type. */
    public enum Kind {
        GAUGE,
        COUNTER
    }

    /** How often a value is read. */
    public enum Tier {
        EVERY_TICK,
        /** The value is read every {@link MetricSelection#slowEvery()}. In between, the last value is reported. */
        SLOW,
        /** The value is read on every tick, but only if its group was requested, because the call is expensive. */
        OPT_IN
    }

    private final String stem;
    private final Unit unit;
    private final Kind kind;
    private final MetricGroup group;
    private final Tier tier;
    private final String help;
    private final List<String> labels;

    DeviceMetric(String stem, Unit unit, Kind kind, MetricGroup group, Tier tier, String help, String... labels) {
        this.stem = stem;
        this.unit = unit;
        this.kind = kind;
        this.group = group;
        this.tier = tier;
        this.help = help;
        this.labels = List.of(labels);
    }

    /** Creates a GPU performance monitoring (GPM) metric from its number in {@code nvml.h}. */
    DeviceMetric(String stem, Unit unit, int gpmNumber, String help) {
        this(stem, unit, GAUGE, MetricGroup.GPM, OPT_IN, help + gpmSource(gpmNumber));
    }

    private static String gpmSource(int number) {
        return " (GPM metric " + number + " in nvml.h; over about one second).";
    }

    /** The metric's name without the prefix {@code gpu_}, the unit and {@code _total}. */
    public String stem() {
        return stem;
    }

    public Unit unit() {
        return unit;
    }

    /** The metric family's name in the exposition. */
    public String exposedName() {
        return "gpu_" + stem + unit.suffix + (kind == COUNTER ? "_total" : "");
    }

    public Kind kind() {
        return kind;
    }

    public MetricGroup group() {
        return group;
    }

    public Tier tier() {
        return tier;
    }

    public String help() {
        return help;
    }

    /** The label names of a reading, in addition to {@code gpu} and {@code uuid}. */
    public List<String> labels() {
        return labels;
    }
}
