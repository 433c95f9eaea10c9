package io.gpuagent.simulation;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The energy counter of a simulated device, which is the integral of its power. Each value continues from the last one,
 * so that the computation does not slow down as the scenario gets older.
 */
final class SimulatedEnergy {

    private final int device;
    private @Nullable Scenario scenario;
    private Duration start = Duration.ZERO;
    private Duration counted = Duration.ZERO;
    private double joules;

    SimulatedEnergy(int device) {
        this.device = device;
    }

    /** The counter's value; null if the device has neither {@code energy} nor {@code power}. */
    @Nullable
    Long millijoules(Moment moment) {
        List<Statement> statements = moment.active(StatementType.DEVICE, device);
        Double base = Statement.last(statements, Attribute.ENERGY);
        if (base == null && Statement.last(statements, SimulatedReading.POWER) == null) {
            return null;
        }
        Duration reset = Statement.last(statements, Attribute.ENERGY_RESET);
        Duration lastReset = reset == null || reset.compareTo(moment.time()) > 0 ? Duration.ZERO : reset;
        if (!lastReset.equals(start) || !moment.scenario().equals(scenario)) {
            scenario = moment.scenario();
            start = lastReset;
            counted = lastReset;
            joules = 0;
        }
        count(moment);
        return (long) (1000 * (base == null || lastReset.equals(reset) ? joules : base + joules));
    }

    private void count(Moment moment) {
        List<Statement> statements = moment.scenario().all(StatementType.DEVICE, device);
        while (counted.compareTo(moment.time()) < 0) {
            Moment from = new Moment(moment.scenario(), counted);
            Duration end = from.nextChange(statements)
                    .filter(change -> change.compareTo(moment.time()) < 0)
                    .orElse(moment.time());
            Waveform power = Statement.last(from.active(statements), SimulatedReading.POWER);
            joules += power == null ? 0 : power.integral(end) - power.integral(counted);
            counted = end;
        }
    }
}
