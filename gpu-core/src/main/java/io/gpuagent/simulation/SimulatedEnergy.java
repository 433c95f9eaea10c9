package io.gpuagent.simulation;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The energy counter of a device of a scenario, which counts on by its power: from where it stood, however long ago the scenario began. */
final class SimulatedEnergy {

    private final int device;
    private @Nullable Scenario scenario;
    private Duration began = Duration.ZERO;
    private Duration counted = Duration.ZERO;
    private double joules;

    SimulatedEnergy(int device) {
        this.device = device;
    }

    /** Null if the device has neither a counter nor a power. */
    @Nullable
    Long millijoules(RunningScenario.Moment moment) {
        List<Statement> now = moment.holding(StatementType.DEVICE, device);
        Double base = Statement.last(now, Attribute.ENERGY);
        if (base == null && Statement.last(now, SimulatedReading.POWER) == null) {
            return null;
        }
        Duration reset = Statement.last(now, Attribute.ENERGY_RESET);
        Duration start = reset == null || reset.compareTo(moment.time()) > 0 ? Duration.ZERO : reset;
        if (!start.equals(began) || !moment.scenario().equals(scenario)) {
            scenario = moment.scenario();
            began = start;
            counted = start;
            joules = 0;
        }
        count(moment);
        return (long) (1000 * (base == null || start.equals(reset) ? joules : base + joules));
    }

    private void count(RunningScenario.Moment moment) {
        List<Statement> lines = moment.scenario().all(StatementType.DEVICE).stream()
                .filter(line -> line.device() == device)
                .toList();
        while (counted.compareTo(moment.time()) < 0) {
            Duration end = moment.scenario()
                    .nextChange(lines, counted)
                    .filter(change -> change.compareTo(moment.time()) < 0)
                    .orElse(moment.time());
            Waveform power = Statement.last(moment.scenario().holding(lines, counted), SimulatedReading.POWER);
            joules += power == null ? 0 : power.integral(end) - power.integral(counted);
            counted = end;
        }
    }
}
