package io.gpuagent.agent.report;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A quantity that is summed in seconds, byte-seconds or joules, with its display unit and its series. */
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

    // These result from dividing GPUs among workloads.
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

    static final String GAUGES = names(false, quantity -> quantity.sampled);
    static final String COUNTERS = names(true, quantity -> quantity.sampled);
    static final String RECORDED = names(true, quantity -> quantity.recorded);

    final double unit;
    private final String sampled;
    private final String recorded;

    Quantity(double unit, String sampled, String recorded) {
        this.unit = unit;
        this.sampled = sampled;
        this.recorded = recorded;
    }

    private static String names(boolean counted, Function<Quantity, String> name) {
        return Arrays.stream(values())
                .filter(quantity -> quantity.isCounted() == counted && !quantity.sampled.isEmpty())
                .map(name)
                .collect(Collectors.joining("|"));
    }

    static Quantity of(Series series) {
        String name = series.name();
        return Arrays.stream(values())
                .filter(quantity -> quantity.sampled.equals(name) || quantity.recorded.equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Whether its series is a counter; otherwise the series is a gauge, which is integrated over time. */
    boolean isCounted() {
        return !recorded.isEmpty();
    }
}
