package io.gpuagent.usage;

import io.gpuagent.device.GpuSample;
import io.gpuagent.device.ProcessUtilization;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Divides one GPU's energy and SM time among accounts.
 *
 * <p>The utilization and the energy counter of a sample describe the interval since the previous sample. An interval is
 * therefore charged by the sample that ends it, to the account that each process belonged to when the interval began.
 * Memory is a state, so it is charged the other way round: by the sample that begins the interval.
 */
final class EnergyAttribution {

    /** More than any board can draw: a larger increase of the counter is not a measurement. */
    private static final double MAX_WATTS = 100_000;

    /** The accounts of the last sample's processes. */
    private Map<Integer, OpenAccount> before = Map.of();

    private @Nullable Long counter;
    /** Seconds from the last reading of the counter to the last sample; not 0 if that sample had no reading. */
    private double counterAge;

    private @Nullable Double joules;
    private double unattributed;

    /**
     * Processes the first sample, or the last one again with other accounts.
     *
     * @param accounts by pid
     */
    void begin(GpuSample sample, Map<Integer, OpenAccount> accounts) {
        count(sample.energyMillijoules(), 0);
        before = accounts;
    }

    /**
     * Processes the next sample.
     *
     * @param accounts by pid
     * @param seconds since the previous sample
     * @param observed false after a gap, whose energy is unattributed
     */
    void end(GpuSample sample, Map<Integer, OpenAccount> accounts, double seconds, boolean observed) {
        boolean divisible = counterAge == 0;
        double spent = count(sample.energyMillijoules(), seconds);
        double charged = 0;
        if (observed && sample.utilization() != null) {
            charged = charge(sample.utilization(), accounts, seconds, divisible ? spent : 0);
        }
        unattributed += Math.max(0, spent - charged);
        before = accounts;
    }

    /**
     * The shares of unresolved processes count towards the sum, so that they do not change what is charged to the
     * others.
     */
    private double charge(
            ProcessUtilization utilization, Map<Integer, OpenAccount> accounts, double seconds, double spent) {
        Map<Integer, Double> smRatios = utilization.smRatios();
        double all = smRatios.values().stream().mapToDouble(Double::doubleValue).sum();
        double charged = 0;
        for (Map.Entry<Integer, Double> process : smRatios.entrySet()) {
            OpenAccount account = open(process.getKey(), accounts);
            if (account != null) {
                account.chargeSmSeconds(process.getValue() * seconds);
                if (spent > 0) {
                    double share = spent * process.getValue() / Math.max(1, all);
                    account.chargeJoules(share);
                    charged += share;
                }
            }
        }
        return charged;
    }

    /** The account that the process belonged to at the start of the interval; if there was none, the one at its end. */
    private @Nullable OpenAccount open(int pid, Map<Integer, OpenAccount> accounts) {
        OpenAccount first = before.get(pid);
        return first != null && !first.isClosed() ? first : accounts.get(pid);
    }

    /**
     * The joules since the previous reading of the counter; 0 if the counter decreased, which means that it was reset.
     */
    private double count(@Nullable Long reading, double seconds) {
        counterAge += seconds;
        if (reading == null) {
            return 0;
        }
        double increase = counter == null ? 0 : (reading - counter) / 1e3;
        double spent = increase < 0 || increase > MAX_WATTS * counterAge ? 0 : increase;
        counter = reading;
        counterAge = 0;
        joules = joules == null ? spent : joules + spent;
        return spent;
    }

    /** Adds the joules of a closed account that were never shown. */
    void addUnattributed(double unshown) {
        unattributed += unshown;
    }

    Optional<Energy> energy() {
        return joules == null ? Optional.empty() : Optional.of(new Energy(joules, unattributed));
    }
}
