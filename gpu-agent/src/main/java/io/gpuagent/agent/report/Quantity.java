package io.gpuagent.agent.report;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What is added up in seconds, byte-seconds and joules: the unit that it is shown in, and the series that tell of it. */
enum Quantity {
    OBSERVED(Unit.HOUR, "gpu_up", ""),
    USED(Unit.GIB_HOUR, "gpu_memory_used_bytes", ""),
    TOTAL(Unit.GIB_HOUR, "gpu_memory_total_bytes", ""),
    UNATTRIBUTED(Unit.GIB_HOUR, "gpu_memory_unattributed_bytes", ""),
    JOULES(Unit.KWH, "gpu_energy_joules_total", "gpu:energy_joules:increase5m"),
    UNATTRIBUTED_JOULES(Unit.KWH, "gpu_energy_unattributed_joules_total", "gpu:energy_unattributed_joules:increase5m"),
    HELD(Unit.GIB_HOUR, "gpu_workload_memory_byte_seconds_total", "gpu_workload:memory_byte_seconds:increase5m"),
    SM(Unit.HOUR, "gpu_workload_sm_seconds_total", "gpu_workload:sm_seconds:increase5m"),
    WORK_JOULES(Unit.KWH, "gpu_workload_energy_joules_total", "gpu_workload:energy_joules:increase5m"),

    // Of these the division of GPUs among workloads tells.
    IDLE(Unit.HOUR, "", ""),
    OCCUPIED(Unit.HOUR, "", ""),
    CHARGED(Unit.HOUR, "", ""),
    SPREAD_JOULES(Unit.KWH, "", "");

    private static final class Unit {
        static final double HOUR = 3600;
        static final double GIB_HOUR = 3600.0 * (1L << 30);
        static final double KWH = 3.6e6;
    }

    static final List<Quantity> OF_WORKLOADS = List.of(HELD, SM, WORK_JOULES);
    static final List<Quantity> OF_BOARDS = List.of(OBSERVED, USED, TOTAL, UNATTRIBUTED, JOULES, UNATTRIBUTED_JOULES);

    static final String GAUGES = names(quantity -> quantity.recorded.isEmpty(), quantity -> quantity.sampled);
    static final String COUNTERS = names(Quantity::isCounted, quantity -> quantity.sampled);
    static final String RECORDED = names(Quantity::isCounted, quantity -> quantity.recorded);

    final double unit;
    private final String sampled;
    private final String recorded;

    Quantity(double unit, String sampled, String recorded) {
        this.unit = unit;
        this.sampled = sampled;
        this.recorded = recorded;
    }

    private static String names(Predicate<Quantity> wanted, Function<Quantity, String> name) {
        return Arrays.stream(values())
                .filter(wanted)
                .map(name)
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining("|"));
    }

    static Quantity of(Series series) {
        String name = series.name();
        return Arrays.stream(values())
                .filter(quantity -> quantity.sampled.equals(name) || quantity.recorded.equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Whether its series is a counter; else it is a gauge of what it is by the second. */
    boolean isCounted() {
        return !recorded.isEmpty();
    }
}
