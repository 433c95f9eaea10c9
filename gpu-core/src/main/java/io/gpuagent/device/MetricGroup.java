package io.gpuagent.device;

import java.util.Arrays;
import java.util.Locale;

/** Values of a GPU that are asked for together or not at all. */
public enum MetricGroup {
    /** Utilisation, temperature and power: always asked for. */
    BASIC("Utilisation, temperature and power."),
    VIDEO("Encoders, decoders, JPEG and optical flow: how busy they are, and encoder sessions."),
    CLOCKS("Clocks, performance state, and why and for how long clocks are held down."),
    TEMPERATURES("Temperature of the memory, thresholds and the margin to them."),
    POWER("Instantaneous and average power, and the limits that can be set."),
    FANS("Fans."),
    PCIE("PCIe link, its errors and how much went over it."),
    PCIE_THROUGHPUT("PCIe throughput; the driver takes 40 ms a sample for it."),
    ECC("ECC errors, remapped rows and retired pages."),
    BAR1("The window into GPU memory that the host has, and what confidential computing protects."),
    NVLINK("NVLinks: which are up, their errors and throughput, and their fabric."),
    MODES("Compute, persistence and MIG mode, display, firmware, license, and whether a reset is needed."),
    GPM(
            "Activity of multiprocessors and tensor cores, memory bandwidth and links (GPM): Hopper and newer, without MIG, and with no other profiler on the card.");

    private final String help;

    MetricGroup(String help) {
        this.help = help;
    }

    /** The group's name as flags have it, such as {@code pcie-throughput}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public String help() {
        return help;
    }

    /** Whether the group is asked for where nothing else is said. */
    public boolean byDefault() {
        return Arrays.stream(DeviceMetric.values())
                .noneMatch(metric -> metric.group() == this && metric.tier() == DeviceMetric.Tier.OPT_IN);
    }
}
