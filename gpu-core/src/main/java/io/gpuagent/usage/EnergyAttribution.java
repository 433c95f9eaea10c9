package io.gpuagent.usage;

import io.gpuagent.device.GpuSample;
import io.gpuagent.device.ProcessUtilization;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Divides one GPU's energy and SM time among accounts.
 *
 * <p>The utilization and the energy counter of a sample describe the interval since the previous sample. The sample at
 * the end of an interval therefore determines its energy and SM time. They are charged to the account that each process
 * belonged to at the start of the interval. For memory, it is the sample at the start of an interval that counts, since
 * memory is a state.
 */
final class EnergyAttribution {

    /** An upper limit for plausible power. If the counter increased by more, the value is not used. */
    private static final double MAX_WATTS = 100_000;

    /** The account of each process in the last sample, by pid. */
    private Map<Integer, OpenAccount> before = Map.of();

    private @Nullable Long counter;
    /** The seconds between the last reading of the counter and the last sample; 0 if that sample had a reading. */
    private double counterAge;

    private @Nullable Double joules;
    private double unattributed;

    /**
     * Processes the first sample, or the last sample again if processes now belong to other accounts.
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
     * @param seconds the time since the previous sample
     * @param observed false after a gap; the energy of a gap is unattributed
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
     * Charges SM time and energy to the accounts. Returns the joules charged. Unresolved processes count in the divisor
     * too, so that their share is not charged to other processes.
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

    /**
     * Returns the account that the process belonged to at the start of the interval. If there was none, returns the
     * account at the end of the interval.
     */
    private @Nullable OpenAccount open(int pid, Map<Integer, OpenAccount> accounts) {
        OpenAccount first = before.get(pid);
        return first != null && !first.isClosed() ? first : accounts.get(pid);
    }

    /**
     * Returns the joules since the previous reading of the counter; 0 if the increase is implausible or if the counter
     * decreased, which means that it was reset.
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

    /** Adds joules of a closed account that never appeared in a snapshot. */
    void addUnattributed(double unshown) {
        unattributed += unshown;
    }

    Optional<Energy> energy() {
        return joules == null ? Optional.empty() : Optional.of(new Energy(joules, unattributed));
    }
}
