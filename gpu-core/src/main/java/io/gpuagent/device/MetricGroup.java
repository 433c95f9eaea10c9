package io.gpuagent.device;

import java.util.Arrays;
import java.util.Locale;

/** A group of device metrics that are enabled or disabled together. */
public enum MetricGroup {
    /** The group that is always enabled. */
    BASIC("Utilization, temperature and power."),
    VIDEO("Utilization of encoders, decoders, JPEG and optical flow engines; encoder sessions."),
    CLOCKS("Clocks, performance state, and the reasons and durations of clock reductions."),
    TEMPERATURES("Memory temperature, temperature thresholds and margins."),
    POWER("Instantaneous and average power, and configurable power limits."),
    FANS("Fan speeds."),
    PCIE("PCIe link state, errors and transferred data."),
    PCIE_THROUGHPUT("PCIe throughput. Costs 40 ms of driver time per sample."),
    ECC("ECC errors, remapped rows and retired pages."),
    BAR1(
            "BAR1, the window through which the host accesses GPU memory, and memory protected by confidential computing."),
    NVLINK("NVLink state, errors, throughput and fabric registration."),
    MODES("Compute, persistence and MIG mode, display, firmware, license and required recovery action."),
    GPM(
            "GPU performance monitoring (GPM): activity of SMs and tensor cores, memory bandwidth and link throughput. Requires Hopper or newer, no MIG, and no other profiler on the GPU.");

    private final String help;

    MetricGroup(String help) {
        this.help = help;
    }

    /** The group's name in flags, such as {@code pcie-throughput}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public String help() {
        return help;
    }

    /** Whether the group is enabled by default. */
    public boolean byDefault() {
        return Arrays.stream(DeviceMetric.values())
                .noneMatch(metric -> metric.group() == this && metric.tier() == DeviceMetric.Tier.OPT_IN);
    }
}
