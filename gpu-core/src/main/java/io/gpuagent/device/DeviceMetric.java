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

/** The catalogue of values a GPU may tell, one row each, exposed as {@code gpu_<name>_<unit>}; counters end in {@code _total}. */
public enum DeviceMetric {
    // spotless:off: a table, two lines a row
    UTILIZATION("utilization", RATIO, GAUGE, MetricGroup.BASIC, EVERY_TICK, "UtilizationRates",
            "Share of the driver's last sampling window (1/6 s to 1 s) in which any kernel ran: time busy, not capacity used."),
    MEMORY_UTILIZATION("memory_utilization", RATIO, GAUGE, MetricGroup.BASIC, EVERY_TICK, "UtilizationRates",
            "Share of the driver's last sampling window in which memory was read or written: time busy, not bytes held."),
    TEMPERATURE("temperature", CELSIUS, GAUGE, MetricGroup.BASIC, EVERY_TICK, "Temperature",
            "Temperature of the GPU die."),
    POWER("power", WATTS, GAUGE, MetricGroup.BASIC, EVERY_TICK, "PowerUsage",
            "Power drawn by the board: a one-second average on Ampere (except GA100) and newer, instantaneous on older cards."),
    POWER_LIMIT("power_limit", WATTS, GAUGE, MetricGroup.BASIC, EVERY_TICK, "EnforcedPowerLimit",
            "Power limit that the driver enforces."),
    ENCODER_UTILIZATION("encoder_utilization", RATIO, GAUGE, MetricGroup.VIDEO, EVERY_TICK, "EncoderUtilization",
            "Share of the driver's sampling window in which video encoders were busy."),
    DECODER_UTILIZATION("decoder_utilization", RATIO, GAUGE, MetricGroup.VIDEO, EVERY_TICK, "DecoderUtilization",
            "Share of the driver's sampling window in which video decoders were busy."),
    JPEG_UTILIZATION("jpeg_utilization", RATIO, GAUGE, MetricGroup.VIDEO, EVERY_TICK, "JpgUtilization",
            "Share of the driver's sampling window in which JPEG engines were busy."),
    OFA_UTILIZATION("ofa_utilization", RATIO, GAUGE, MetricGroup.VIDEO, EVERY_TICK, "OfaUtilization",
            "Share of the driver's sampling window in which optical flow accelerators were busy."),
    ENCODER_SESSIONS("encoder_sessions", NONE, GAUGE, MetricGroup.VIDEO, SLOW, "EncoderStats",
            "Sessions of the video encoders."),
    ENCODER_FRAME_RATE("encoder_frame_rate", HERTZ, GAUGE, MetricGroup.VIDEO, SLOW, "EncoderStats",
            "Frames per second, the average of the encoder sessions."),
    ENCODER_LATENCY("encoder_latency", SECONDS, GAUGE, MetricGroup.VIDEO, SLOW, "EncoderStats",
            "Latency of encoding, the average of the encoder sessions."),
    CLOCK("clock", HERTZ, GAUGE, MetricGroup.CLOCKS, EVERY_TICK, "ClockInfo",
            "Clock of the domain now.", "domain"),
    CLOCK_MAX("clock_max", HERTZ, GAUGE, MetricGroup.CLOCKS, SLOW, "MaxClockInfo",
            "Highest clock of the domain.", "domain"),
    CLOCK_EVENT("clock_event_active", NONE, GAUGE, MetricGroup.CLOCKS, EVERY_TICK, "CurrentClocksEventReasons",
            "1 while the reason holds clocks down (throttle reasons, before R535); unknown: one that this agent has no name for.", "reason"),
    CLOCK_VIOLATION("clock_violation", SECONDS, COUNTER, MetricGroup.CLOCKS, SLOW, "ViolationStatus",
            "Time in which clocks were below what was asked for, by the policy that held them down (nvmlPerfPolicyType_t).", "policy"),
    CLOCK_EVENT_TIME("clock_event", SECONDS, COUNTER, MetricGroup.CLOCKS, SLOW, "FieldValues",
            "Time in which the reason held clocks down (fields 74, 76 and 269 to 271 of nvml.h).", "reason"),
    PERFORMANCE_STATE("performance_state", NONE, GAUGE, MetricGroup.CLOCKS, EVERY_TICK, "PerformanceState",
            "Performance state, from 0 (most) to 15 (least)."),
    MEMORY_TEMPERATURE("memory_temperature", CELSIUS, GAUGE, MetricGroup.TEMPERATURES, EVERY_TICK, "FieldValues",
            "Temperature of the memory."),
    TEMPERATURE_THRESHOLD("temperature_threshold", CELSIUS, GAUGE, MetricGroup.TEMPERATURES, SLOW, "TemperatureThreshold",
            "Temperature at which the GPU shuts down (shutdown) or slows down, and the highest at which its memory and the GPU are meant to work (memory_max, gpu_max).", "threshold"),
    TEMPERATURE_MARGIN("temperature_margin", CELSIUS, GAUGE, MetricGroup.TEMPERATURES, EVERY_TICK, "MarginTemperature",
            "Degrees from the nearest threshold at which clocks are slowed down."),
    TEMPERATURE_MARGIN_THRESHOLD("temperature_margin_threshold", CELSIUS, GAUGE, MetricGroup.TEMPERATURES, SLOW, "FieldValues",
            "Margin at which the GPU may shut down (shutdown) or slow down, or at which its memory (memory_max) or the GPU (gpu_max) makes clocks fall; may be negative (fields 193 to 196 of nvml.h; Ada and newer).", "threshold"),
    POWER_INSTANT("power_instant", WATTS, GAUGE, MetricGroup.POWER, EVERY_TICK, "FieldValues",
            "Power drawn now (field 186 of nvml.h; R535 and newer)."),
    POWER_AVERAGE("power_average", WATTS, GAUGE, MetricGroup.POWER, EVERY_TICK, "FieldValues",
            "Power drawn, the average of a second (field 185 of nvml.h; R535 and newer)."),
    MODULE_POWER("module_power", WATTS, GAUGE, MetricGroup.POWER, EVERY_TICK, "FieldValues",
            "Power drawn now by the module that the GPU is a part of, such as a GPU and its Grace CPU; not to be added to that of the GPU (field 186 of nvml.h, scope 1)."),
    POWER_LIMIT_SET("power_limit_set", WATTS, GAUGE, MetricGroup.POWER, SLOW, "PowerManagementLimit",
            "Power limit that was set by software; the one that is enforced may be lower."),
    POWER_LIMIT_MIN("power_limit_min", WATTS, GAUGE, MetricGroup.POWER, SLOW, "PowerManagementLimitConstraints",
            "Lowest power limit that can be set."),
    POWER_LIMIT_MAX("power_limit_max", WATTS, GAUGE, MetricGroup.POWER, SLOW, "PowerManagementLimitConstraints",
            "Highest power limit that can be set."),
    POWER_LIMIT_DEFAULT("power_limit_default", WATTS, GAUGE, MetricGroup.POWER, SLOW, "PowerManagementDefaultLimit",
            "Power limit with which the card starts."),
    FAN_SPEED("fan_speed", RATIO, GAUGE, MetricGroup.FANS, EVERY_TICK, "FanSpeed",
            "Speed that the fan is meant to have, as a share of its highest; may exceed 1 (nvml.h).", "fan"),
    PCIE_LINK_GENERATION("pcie_link_generation", NONE, GAUGE, MetricGroup.PCIE, SLOW, "CurrPcieLinkGeneration",
            "Generation of the PCIe link now; lower while the GPU is idle."),
    PCIE_LINK_WIDTH("pcie_link_width", NONE, GAUGE, MetricGroup.PCIE, SLOW, "CurrPcieLinkWidth",
            "Lanes of the PCIe link now."),
    PCIE_LINK_MAX_GENERATION("pcie_link_max_generation", NONE, GAUGE, MetricGroup.PCIE, SLOW, "MaxPcieLinkGeneration",
            "Highest generation of PCIe that card and host have in common."),
    PCIE_LINK_MAX_WIDTH("pcie_link_max_width", NONE, GAUGE, MetricGroup.PCIE, SLOW, "MaxPcieLinkWidth",
            "Most lanes that card and host have in common."),
    PCIE_LINK_GPU_MAX_GENERATION("pcie_link_gpu_max_generation", NONE, GAUGE, MetricGroup.PCIE, SLOW, "GpuMaxPcieLinkGeneration",
            "Highest generation of PCIe that the card has."),
    PCIE_REPLAYS("pcie_replays", NONE, COUNTER, MetricGroup.PCIE, SLOW, "PcieReplayCounter",
            "Packets that had to be sent again over PCIe."),
    PCIE_ERRORS("pcie_errors", NONE, COUNTER, MetricGroup.PCIE, SLOW, "FieldValues",
            "Errors of the PCIe link, each kind by itself: one error may be several (fields 169 and 173 to 182 of nvml.h).", "error"),
    PCIE_RECEIVED("pcie_received", BYTES, COUNTER, MetricGroup.PCIE, SLOW, "FieldValues",
            "Received over PCIe. May start anew at any number (field 198 of nvml.h)."),
    PCIE_TRANSMITTED("pcie_transmitted", BYTES, COUNTER, MetricGroup.PCIE, SLOW, "FieldValues",
            "Sent over PCIe. May start anew at any number (field 197 of nvml.h)."),
    PCIE_RECEIVE("pcie_receive", BYTES_PER_SECOND, GAUGE, MetricGroup.PCIE_THROUGHPUT, OPT_IN, "PcieThroughput",
            "Received over PCIe in the last 20 ms; the driver's KB taken as 1024 bytes."),
    PCIE_TRANSMIT("pcie_transmit", BYTES_PER_SECOND, GAUGE, MetricGroup.PCIE_THROUGHPUT, OPT_IN, "PcieThroughput",
            "Sent over PCIe in the last 20 ms; the driver's KB taken as 1024 bytes."),
    ECC_MODE("ecc_mode", NONE, GAUGE, MetricGroup.ECC, SLOW, "EccMode",
            "1 if ECC is on."),
    ECC_MODE_PENDING("ecc_mode_pending", NONE, GAUGE, MetricGroup.ECC, SLOW, "EccMode",
            "1 if ECC will be on after the next reboot."),
    ECC_ERRORS("ecc_errors", NONE, COUNTER, MetricGroup.ECC, SLOW, "MemoryErrorCounter",
            "ECC errors. volatile: since the driver was loaded; aggregate: in the card's life. A card tells the locations that it has (nvmlMemoryLocation_t).", "severity", "scope", "location"),
    ECC_DEVICE_ERRORS("ecc_device_errors", NONE, COUNTER, MetricGroup.ECC, SLOW, "TotalEccErrors",
            "ECC errors of all locations together, those included that a card does not tell in gpu_ecc_errors_total; not to be added to them.", "severity", "scope"),
    ECC_SRAM_ERRORS("ecc_sram_errors", NONE, COUNTER, MetricGroup.ECC, SLOW, "SramEccErrorStatus",
            "Uncorrected ECC errors of SRAM, by how they were found; a breakdown of gpu_ecc_errors_total.", "scope", "kind"),
    ECC_SRAM_UNIT_ERRORS("ecc_sram_unit_errors", NONE, COUNTER, MetricGroup.ECC, SLOW, "SramEccErrorStatus",
            "Uncorrected ECC errors of SRAM in the card's life, by where they were; a breakdown of gpu_ecc_errors_total.", "unit"),
    ECC_SRAM_THRESHOLD("ecc_sram_threshold_exceeded", NONE, GAUGE, MetricGroup.ECC, SLOW, "SramEccErrorStatus",
            "1 if SRAM has had more uncorrected errors than the vendor's field diagnostics tolerate."),
    REMAPPED_ROWS("remapped_rows", NONE, GAUGE, MetricGroup.ECC, SLOW, "RemappedRows",
            "Rows of memory that were remapped after errors, by their severity; not told while there are MIG instances.", "severity"),
    REMAPPED_ROWS_INACTIVE("remapped_rows_inactive", NONE, GAUGE, MetricGroup.ECC, SLOW, "FieldValues",
            "Remappings of rows that are not in effect (fields 301 and 302 of nvml.h; R610 and newer).", "severity"),
    ROW_REMAPPING_PENDING("row_remapping_pending", NONE, GAUGE, MetricGroup.ECC, SLOW, "RemappedRows",
            "1 if rows will be remapped when the GPU is reset."),
    ROW_REMAPPING_FAILED("row_remapping_failed", NONE, GAUGE, MetricGroup.ECC, SLOW, "RemappedRows",
            "1 if remapping has failed at some time: the card is to be replaced."),
    ROW_REMAPPER_BANKS("row_remapper_banks", NONE, GAUGE, MetricGroup.ECC, SLOW, "RowRemapperHistogram",
            "Banks of memory by how much of their room for remapping is left.", "availability"),
    RETIRED_PAGES("retired_pages", NONE, GAUGE, MetricGroup.ECC, SLOW, "RetiredPages",
            "Pages of memory that were retired, on cards that do not remap rows.", "cause"),
    RETIRED_PAGES_PENDING("retired_pages_pending", NONE, GAUGE, MetricGroup.ECC, SLOW, "RetiredPagesPendingStatus",
            "1 if pages will be retired at the next reboot or reset."),
    BAR1_TOTAL("bar1_memory_total", BYTES, GAUGE, MetricGroup.BAR1, SLOW, "BAR1MemoryInfo",
            "Size of the window into GPU memory that the host has."),
    BAR1_USED("bar1_memory_used", BYTES, GAUGE, MetricGroup.BAR1, SLOW, "BAR1MemoryInfo",
            "What is mapped of that window."),
    PROTECTED_TOTAL("protected_memory_total", BYTES, GAUGE, MetricGroup.BAR1, SLOW, "ConfComputeProtectedMemoryUsage",
            "Memory that confidential computing protects; none where it is off."),
    PROTECTED_USED("protected_memory_used", BYTES, GAUGE, MetricGroup.BAR1, SLOW, "ConfComputeProtectedMemoryUsage",
            "What is in use of that memory."),
    NVLINK_UP("nvlink_up", NONE, GAUGE, MetricGroup.NVLINK, SLOW, "NvLinkState",
            "1 if the NVLink is active.", "link"),
    NVLINK_ERRORS("nvlink_errors", NONE, COUNTER, MetricGroup.NVLINK, SLOW, "NvLinkErrorCounter",
            "Errors of the NVLink, each kind by itself: one error may be several. replay to crc_data: before Blackwell, and Hopper may answer 0 whatever happens (DataDog/datadog-agent PR#55966). Others: NVLink 5 (fields 206 to 214, 219 and 221 of nvml.h).", "link", "error"),
    NVLINK_RECEIVE("nvlink_receive", BYTES, COUNTER, MetricGroup.NVLINK, SLOW, "FieldValues",
            "Data received over all NVLinks (field 139 of nvml.h)."),
    NVLINK_TRANSMIT("nvlink_transmit", BYTES, COUNTER, MetricGroup.NVLINK, SLOW, "FieldValues",
            "Data sent over all NVLinks (field 138 of nvml.h)."),
    NVLINK_LINK_RECEIVE("nvlink_link_receive", BYTES, COUNTER, MetricGroup.NVLINK, SLOW, "FieldValues",
            "Data received over the NVLink; a breakdown of gpu_nvlink_receive_bytes_total (field 204 of nvml.h with NVLink 5, else 139).", "link"),
    NVLINK_LINK_TRANSMIT("nvlink_link_transmit", BYTES, COUNTER, MetricGroup.NVLINK, SLOW, "FieldValues",
            "Data sent over the NVLink; a breakdown of gpu_nvlink_transmit_bytes_total (field 202 of nvml.h with NVLink 5, else 138).", "link"),
    FABRIC_STATE("fabric_state", NONE, GAUGE, MetricGroup.NVLINK, SLOW, "GpuFabricInfo",
            "How far the GPU's registration with the NVLink fabric is: 1 not started, 2 under way, 3 completed (NVML_GPU_FABRIC_STATE of nvml.h)."),
    FABRIC_STATUS("fabric_status", NONE, GAUGE, MetricGroup.NVLINK, SLOW, "GpuFabricInfo",
            "What the completed registration came to: 0 success, else the error (nvmlReturn_t)."),
    COMPUTE_MODE("compute_mode", NONE, GAUGE, MetricGroup.MODES, SLOW, "ComputeMode",
            "0: any number of processes may compute; 2: none may; 3: one may (nvmlComputeMode_t)."),
    PERSISTENCE_MODE("persistence_mode", NONE, GAUGE, MetricGroup.MODES, SLOW, "PersistenceMode",
            "1 if the driver keeps the GPU loaded while nobody uses it. In a container without the persistence daemon's socket it reads 0 all the same."),
    DISPLAY_ACTIVE("display_active", NONE, GAUGE, MetricGroup.MODES, SLOW, "DisplayActive",
            "1 if a display is initialised on the GPU, be there a monitor or not."),
    GSP_MODE("gsp_firmware_mode", NONE, GAUGE, MetricGroup.MODES, SLOW, "GspFirmwareMode",
            "1 if the driver's work is done by firmware on the GPU's own system processor (GSP)."),
    C2C_MODE("c2c_mode", NONE, GAUGE, MetricGroup.MODES, SLOW, "C2cModeInfo",
            "1 if the chip-to-chip link to the CPU is on."),
    RECOVERY_ACTION("recovery_action", NONE, GAUGE, MetricGroup.MODES, SLOW, "FieldValues",
            "What the GPU needs to be well again: 0 nothing, 1 a reset, 2 a reboot of the node, 3 its peers drained, 4 drained and reset, 5 its IMEX domain recovered (nvmlDeviceGpuRecoveryAction_t)."),
    VGPU_LICENSED("vgpu_licensed", NONE, GAUGE, MetricGroup.MODES, SLOW, "GridLicensableFeatures",
            "1 if a feature of vGPU software is licensed; told where it can be."),
    MIG_MODE("mig_mode", NONE, GAUGE, MetricGroup.MODES, EVERY_TICK, "MigMode",
            "1 if MIG is on."),
    GPM_GRAPHICS_UTILIZATION("gpm_graphics_utilization", RATIO, 1, "Share of time in which any compute or graphics program was active on the GPU"),
    GPM_SM_UTILIZATION("gpm_sm_utilization", RATIO, 2, "Share of the multiprocessors that were busy: capacity used, of which gpu_utilization_ratio tells nothing"),
    GPM_SM_OCCUPANCY("gpm_sm_occupancy", RATIO, 3, "Warps that were active, as a share of the most there can be"),
    GPM_INTEGER_UTILIZATION("gpm_integer_utilization", RATIO, 4, "Share of time in which multiprocessors did integer operations"),
    GPM_TENSOR_UTILIZATION("gpm_tensor_utilization", RATIO, 5, "Share of time in which multiprocessors did tensor operations of any kind"),
    GPM_MEMORY_BANDWIDTH_UTILIZATION("gpm_memory_bandwidth_utilization", RATIO, 10, "Bandwidth of the GPU's memory that was used, as a share of the most there can be"),
    GPM_FP64_UTILIZATION("gpm_fp64_utilization", RATIO, 11, "Share of time in which multiprocessors did FP64 operations outside tensor cores"),
    GPM_FP32_UTILIZATION("gpm_fp32_utilization", RATIO, 12, "Share of time in which multiprocessors did FP32 operations outside tensor cores"),
    GPM_FP16_UTILIZATION("gpm_fp16_utilization", RATIO, 13, "Share of time in which multiprocessors did FP16 operations outside tensor cores"),
    GPM_PCIE_TRANSMIT("gpm_pcie_transmit", BYTES_PER_SECOND, 20, "Sent over PCIe"),
    GPM_PCIE_RECEIVE("gpm_pcie_receive", BYTES_PER_SECOND, 21, "Received over PCIe"),
    GPM_NVLINK_RECEIVE("gpm_nvlink_receive", BYTES_PER_SECOND, 60, "Received over all NVLinks"),
    GPM_NVLINK_TRANSMIT("gpm_nvlink_transmit", BYTES_PER_SECOND, 61, "Sent over all NVLinks");
    // spotless:on

    /** The base unit of a value; its name is part of the exposed name. */
    public enum Unit {
        /** 0 to 1. */
        RATIO("_ratio"),
        CELSIUS("_celsius"),
        WATTS("_watts"),
        HERTZ("_hertz"),
        SECONDS("_seconds"),
        BYTES("_bytes"),
        BYTES_PER_SECOND("_bytes_per_second"),
        /** A number of things, a number that stands for something, or 1 for yes and 0 for no. */
        NONE("");

        private final String suffix;

        Unit(String suffix) {
            this.suffix = suffix;
        }
    }

    /** Whether a value goes up and down or only up. */
    public enum Kind {
        GAUGE,
        COUNTER
    }

    /** How often a value is read. */
    public enum Tier {
        EVERY_TICK,
        /** Every {@link MetricSelection#slowEvery()}; in between the last value goes on being told. */
        SLOW,
        /** With every tick, and only where its group was asked for: it is dear. */
        OPT_IN
    }

    private final String stem;
    private final Unit unit;
    private final Kind kind;
    private final MetricGroup group;
    private final Tier tier;
    private final String source;
    private final String help;
    private final List<String> labels;

    DeviceMetric(
            String stem,
            Unit unit,
            Kind kind,
            MetricGroup group,
            Tier tier,
            String source,
            String help,
            String... labels) {
        this.stem = stem;
        this.unit = unit;
        this.kind = kind;
        this.group = group;
        this.tier = tier;
        this.source = source.startsWith("nvml") ? source : "nvmlDeviceGet" + source;
        this.help = help;
        this.labels = List.of(labels);
    }

    /** What a profiler tells, by NVML's number of it. */
    DeviceMetric(String stem, Unit unit, int number, String help) {
        this(stem, unit, GAUGE, MetricGroup.GPM, OPT_IN, "nvmlGpmMetricsGet", help + ofGpm(number));
    }

    private static String ofGpm(int number) {
        return " (GPM metric " + number + " of nvml.h, over about a second).";
    }

    /** The metric's name without the prefix of the product, its unit and its kind. */
    public String stem() {
        return stem;
    }

    public Unit unit() {
        return unit;
    }

    /** The metric's name on the page. */
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

    /** NVML's function that tells the value, without the suffix of its version. */
    public String source() {
        return source;
    }

    public String help() {
        return help;
    }

    /** The names of the labels that a reading has beside {@code gpu} and {@code uuid}. */
    public List<String> labels() {
        return labels;
    }
}
