package io.gpuagent.device;

import java.util.List;

/**
 * The catalogue of values a GPU may tell, one row each. The exposed name follows from the row: {@code gpu_<name>_<unit>}, and
 * {@code _total} behind a counter.
 */
public enum DeviceMetric {
    UTILIZATION(
            "utilization",
            Unit.RATIO,
            Kind.GAUGE,
            "Share of the driver's last sampling window (1/6 s to 1 s) in which any kernel ran: time busy, not capacity used."),
    MEMORY_UTILIZATION(
            "memory_utilization",
            Unit.RATIO,
            Kind.GAUGE,
            "Share of the driver's last sampling window in which memory was read or written: time busy, not bytes held."),
    TEMPERATURE("temperature", Unit.CELSIUS, Kind.GAUGE, "Temperature of the GPU die."),
    POWER(
            "power",
            Unit.WATTS,
            Kind.GAUGE,
            "Power drawn by the board: a one-second average on Ampere (except GA100) and newer, instantaneous on older cards."),
    POWER_LIMIT("power_limit", Unit.WATTS, Kind.GAUGE, "Power limit that the driver enforces.");

    /** The base unit of a value; its name is part of the exposed name. */
    public enum Unit {
        /** 0 to 1. */
        RATIO("ratio"),
        CELSIUS("celsius"),
        WATTS("watts");

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

    private final String exposedName;
    private final Kind kind;
    private final String help;
    private final List<String> labels;

    DeviceMetric(String name, Unit unit, Kind kind, String help, String... labels) {
        this.exposedName = "gpu_" + name + "_" + unit.suffix + (kind == Kind.COUNTER ? "_total" : "");
        this.kind = kind;
        this.help = help;
        this.labels = List.of(labels);
    }

    /** The metric's name on the page. */
    public String exposedName() {
        return exposedName;
    }

    public Kind kind() {
        return kind;
    }

    public String help() {
        return help;
    }

    /** The names of the labels that a reading has beside {@code gpu} and {@code uuid}. */
    public List<String> labels() {
        return labels;
    }
}
