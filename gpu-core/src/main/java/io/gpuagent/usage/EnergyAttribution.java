package io.gpuagent.usage;

import io.gpuagent.device.GpuSample;
import io.gpuagent.device.ProcessUtilization;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One GPU's energy and the time its multiprocessors were busy, divided among accounts.
 *
 * <p>Both are told after the fact: the utilization and the energy counter of a sample describe the time since the sample before. So that
 * time is charged when it ends, by the sample that ends it, to whom each process worked for when it began. Memory is charged the other
 * way round, by the sample that begins it, because what a process holds then is what it holds.
 */
final class EnergyAttribution {

    /** More than any board can draw: a counter that moved faster did not count. */
    private static final double MOST_WATTS = 100_000;

    /** The accounts of the last sample's processes. */
    private Map<Integer, OpenAccount> before = Map.of();

    private @Nullable Long counter;
    /** The seconds from the last reading of the counter to the last sample: not 0 if that sample had none. */
    private double counterAge;

    private @Nullable Double joules;
    private double unattributed;

    /**
     * Takes the first sample, or the last one again with other accounts.
     *
     * @param accounts by pid
     */
    void begin(GpuSample sample, Map<Integer, OpenAccount> accounts) {
        count(sample.energyMillijoules(), 0);
        before = accounts;
    }

    /**
     * Takes the next sample.
     *
     * @param accounts by pid
     * @param seconds since the sample before
     * @param observed false after a gap, whose energy nobody is charged with
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

    /** Who is not known takes his share all the same: it must not change what the others are charged with. */
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

    /** The account a process worked for when the time began, or, if there was none, that of its end. */
    private @Nullable OpenAccount open(int pid, Map<Integer, OpenAccount> accounts) {
        OpenAccount first = before.get(pid);
        return first != null && !first.isClosed() ? first : accounts.get(pid);
    }

    /** The joules since the counter was read the time before; none if it fell, which begins it anew. */
    private double count(@Nullable Long reading, double seconds) {
        counterAge += seconds;
        if (reading == null) {
            return 0;
        }
        double more = counter == null ? 0 : (reading - counter) / 1e3;
        double spent = more < 0 || more > MOST_WATTS * counterAge ? 0 : more;
        counter = reading;
        counterAge = 0;
        joules = joules == null ? spent : joules + spent;
        return spent;
    }

    /** An account was closed with joules that were never shown. */
    void giveBack(double unseen) {
        unattributed += unseen;
    }

    Optional<Energy> energy() {
        return joules == null ? Optional.empty() : Optional.of(new Energy(joules, unattributed));
    }
}
