package io.gpuagent.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.GpuIdentity;
import io.gpuagent.workload.ContainerLookup;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Checks that the energy of workloads and the unattributed energy always add up to the total. */
class LedgerEnergyWorldsTest extends LedgerEnergyFixture {

    @Test
    void energyAddsUpInAThousandRandomWorlds() {
        for (int seed = 0; seed < 1000; seed++) {
            new RandomWorld(seed).run();
        }
    }

    /**
     * Enters random samples, with units, containers that get a name late, never or several times, unresolved processes,
     * more workloads than accounts, gaps, counter resets and missing readings.
     */
    private final class RandomWorld {

        private final int seed;
        private final Random random;
        private final Map<GpuIdentity, Long> counters = new HashMap<>(Map.of(GPU, 7_000_000L, OTHER_GPU, 0L));
        private final Map<GpuIdentity, Double> before = new HashMap<>();
        private final Map<GpuIdentity, Double> charged = new HashMap<>();
        private final Map<GpuIdentity, Map<Object, Double>> lastShown = new HashMap<>();

        RandomWorld(int seed) {
            this.seed = seed;
            this.random = new Random(seed);
        }

        void run() {
            names.clear();
            ledger = ledger(2 + random.nextInt(12));
            long now = random.nextLong(1L << 50) - (1L << 49);
            for (int i = 0; i < 40; i++) {
                now += 1 + (long) (1e9 * (random.nextInt(25) == 0 ? random.nextDouble(60) : random.nextDouble(2)));
                rename();
                for (GpuIdentity gpu : List.of(GPU, OTHER_GPU)) {
                    if (random.nextInt(10) > 0) {
                        enterAt(gpu, now, reported(gpu));
                        // Check after each GPU. Otherwise, an account that is evicted for another GPU and then opened
                        // again would look like a counter that decreases.
                        check(now);
                    }
                }
            }
            checkTotal(now);
        }

        private void rename() {
            int pid = 100 + random.nextInt(6);
            switch (random.nextInt(6)) {
                case 0 -> name(pid, "n" + random.nextInt(3));
                case 1 -> names.put(id(pid), new ContainerLookup.Unknown(ContainerLookup.Reason.NOT_FOUND));
                default -> {}
            }
        }

        private Reported reported(GpuIdentity gpu) {
            List<Integer> pids = new ArrayList<>();
            for (int pid : List.of(1, 2, 3, 4, 100, 101, 102, 103, 104, 105, 1000, 1001)) {
                if (random.nextBoolean()) {
                    pids.add(pid);
                }
            }
            Map<Integer, Double> sm = new LinkedHashMap<>();
            pids.forEach(pid -> sm.put(pid, random.nextInt(3) == 0 ? 0 : random.nextInt(101) / 100.0));
            sm.put(1 + random.nextInt(4), random.nextDouble());
            long more = random.nextInt(15) == 0 ? -random.nextLong(5_000_000) : random.nextInt(700_000);
            counters.merge(gpu, more, (counter, step) -> Math.max(0, counter + step));
            boolean counterUnreadable = random.nextInt(12) == 0;
            return new Reported(
                    counterUnreadable ? null : counters.get(gpu), random.nextInt(12) == 0 ? null : sm, pids);
        }

        /**
         * Adds the increases of the shown accounts to the energy charged so far, as Prometheus does. An account that is
         * no longer shown keeps its last value.
         */
        private double add(GpuIdentity gpu, long now) {
            Map<Object, Double> last = lastShown.getOrDefault(gpu, Map.of());
            Map<Object, Double> shown = new HashMap<>();
            for (Account account : LedgerFixture.settled(ledger, gpu, now)) {
                double joules = account.energyJoules() == null ? 0 : account.energyJoules();
                double step = joules - last.getOrDefault(account.usage().labels(), 0.0);
                assertTrue(step >= 0, "a counter decreased, seed " + seed);
                charged.merge(gpu, step, Double::sum);
                shown.put(account.usage().labels(), joules);
            }
            lastShown.put(gpu, shown);
            return charged.getOrDefault(gpu, 0.0);
        }

        private void check(long now) {
            for (GpuIdentity gpu : List.of(GPU, OTHER_GPU)) {
                Energy energy = ledger.energy(gpu).orElse(new Energy(0, 0));
                double hidden = energy.joules() - energy.unattributedJoules() - add(gpu, now);
                assertTrue(hidden >= -1e-9 * energy.joules(), "charged twice, seed " + seed + ": " + hidden);
                assertTrue(energy.joules() >= before.getOrDefault(gpu, 0.0), "decreases, seed " + seed);
                before.put(gpu, energy.joules());
            }
        }

        /**
         * Checks that the shown energy adds up to the total. It checks after the name timeout, when no account is
         * hidden any more.
         */
        private void checkTotal(long now) {
            for (GpuIdentity gpu : List.of(GPU, OTHER_GPU)) {
                Energy energy = ledger.energy(gpu).orElse(new Energy(0, 0));
                double all = add(gpu, now + 11_000_000_000L) + energy.unattributedJoules();
                assertEquals(energy.joules(), all, 1e-9 * energy.joules(), "seed " + seed + ", " + gpu.uuid());
            }
        }
    }
}
