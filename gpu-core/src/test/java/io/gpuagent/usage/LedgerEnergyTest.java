package io.gpuagent.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.Engine;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.ProcessUtilization;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerDetails.KubernetesNames;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.Resolution;
import io.gpuagent.workload.Workload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Energy and SM time in the ledger. */
class LedgerEnergyTest {

    private static final GpuIdentity GPU = new GpuIdentity(0, "GPU-a", "Tesla V100", "00000000:01:00.0");
    private static final GpuIdentity OTHER_GPU = new GpuIdentity(1, "GPU-b", "Tesla V100", "00000000:02:00.0");

    private final Map<String, ContainerLookup> names = new HashMap<>();
    private Ledger ledger = ledger(5000);

    private Ledger ledger(int most) {
        return new Ledger(this::lookup, most, Duration.ofMinutes(1));
    }

    private ContainerLookup lookup(Workload.Container container) {
        return names.getOrDefault(container.id(), new ContainerLookup.Unknown(ContainerLookup.Reason.PENDING));
    }

    /** What a GPU says at one time; pids below 100 work for the unit u&lt;pid&gt;, from 100 for a container, from 200 for a pod, from 1000 for nobody known. */
    private record Told(
            @Nullable Long millijoules, @Nullable Map<Integer, Double> sm, List<Integer> pids) {

        static Told of(long joules, Map<Integer, Double> sm) {
            return new Told(joules * 1000, sm, List.copyOf(sm.keySet()));
        }
    }

    @Test
    void energyIsDividedByTheShareOfSmTimeAndTheRestIsNobodys() {
        enter(0, Told.of(1000, Map.of(1, 0.0, 2, 0.0)));
        assertEquals(Map.of("u1", 0.0, "u2", 0.0), joules(0));
        enter(1, Told.of(1200, Map.of(1, 0.5, 2, 0.2)));
        assertEquals(Map.of("u1", 100.0, "u2", 40.0), joules(1));
        assertEquals(new Energy(200, 60), energy());
        assertEquals(Map.of("u1", 0.5, "u2", 0.2), figures(1, Account::smSeconds));
    }

    @Test
    void sharesThatExceedTheWholeAreScaledAndNothingIsLeft() {
        enter(0, Told.of(0, Map.of(1, 0.0, 2, 0.0)));
        enter(1, Told.of(100, Map.of(1, 1.0, 2, 1.0)));
        assertEquals(Map.of("u1", 50.0, "u2", 50.0), joules(1));
        assertEquals(new Energy(100, 0), energy());
    }

    @Test
    void aSampleDescribesTheTimeThatItEnds() {
        enter(0, Told.of(0, Map.of(1, 1.0)));
        enter(1, Told.of(100, Map.of(1, 0.0)));
        assertEquals(Map.of("u1", 0.0), joules(1));
        enter(3, Told.of(200, Map.of(1, 0.25)));
        assertEquals(Map.of("u1", 25.0), joules(3));
        assertEquals(Map.of("u1", 0.5), figures(3, Account::smSeconds));
    }

    @Test
    void whoIsGoneInASampleIsChargedForTheTimeBeforeIt() {
        enter(0, Told.of(0, Map.of(1, 0.0)));
        enter(1, new Told(100_000L, Map.of(1, 0.5), List.of()));
        enter(2, new Told(200_000L, Map.of(1, 0.5), List.of()));
        assertEquals(Map.of("u1", 50.0), joules(2));
        assertEquals(new Energy(200, 150), energy());
    }

    @Test
    void whoIsNotKnownKeepsHisShareFromTheOthers() {
        enter(0, Told.of(0, Map.of(1, 0.0, 1000, 0.0)));
        enter(1, Told.of(100, Map.of(1, 1.0, 1000, 1.0)));
        assertEquals(Map.of("u1", 50.0), joules(1));
        assertEquals(new Energy(100, 50), energy());
    }

    @Test
    void theEnergyOfAGapIsNobodys() {
        enter(0, Told.of(0, Map.of(1, 0.0)));
        enter(10, Told.of(100, Map.of(1, 1.0)));
        assertEquals(Map.of("u1", 100.0), joules(10));
        enter(21, Told.of(300, Map.of(1, 1.0)));
        assertEquals(Map.of("u1", 100.0), joules(21));
        assertEquals(Map.of("u1", 10.0), figures(21, Account::smSeconds));
        assertEquals(new Energy(300, 200), energy());
    }

    @Test
    void aCounterThatFallsAddsNothingAndBeginsAnew() {
        enter(0, Told.of(5000, Map.of(1, 0.0)));
        enter(1, Told.of(5100, Map.of(1, 1.0)));
        enter(2, Told.of(30, Map.of(1, 1.0)));
        assertEquals(new Energy(100, 0), energy());
        enter(3, Told.of(80, Map.of(1, 1.0)));
        assertEquals(new Energy(150, 0), energy());
        assertEquals(Map.of("u1", 150.0), joules(3));
    }

    @Test
    void aCounterThatLeapsFurtherThanAnyBoardCanDrawAddsNothing() {
        enter(0, Told.of(5_000_000, Map.of(1, 0.0)));
        enter(1, Told.of(0, Map.of(1, 1.0)));
        enter(2, Told.of(5_000_200, Map.of(1, 1.0)));
        enter(3, Told.of(5_000_300, Map.of(1, 1.0)));
        assertEquals(new Energy(100, 0), energy());
    }

    @Test
    void whatACounterCountedWhileItCouldNotBeReadIsNobodys() {
        enter(0, Told.of(0, Map.of(1, 0.0)));
        enter(1, new Told(null, Map.of(1, 1.0), List.of(1)));
        enter(2, Told.of(100, Map.of(1, 1.0)));
        assertEquals(new Energy(100, 100), energy());
        enter(3, Told.of(150, Map.of(1, 1.0)));
        assertEquals(new Energy(150, 100), energy());
        assertEquals(Map.of("u1", 50.0), joules(3));
    }

    @Test
    void theLongerACounterCouldNotBeReadTheFurtherItMayHaveCounted() {
        enter(0, new Told(0L, Map.of(), List.of()));
        enter(1, new Told(null, Map.of(), List.of()));
        enter(2, new Told(null, Map.of(), List.of()));
        enter(3, new Told(250_000_000L, Map.of(), List.of()));
        assertEquals(new Energy(250_000, 250_000), energy());
    }

    @Test
    void withoutUtilizationAllEnergyIsUnattributedAndWorkloadsHaveNoFigure() {
        enter(0, new Told(0L, null, List.of(1)));
        enter(1, new Told(100_000L, null, List.of(1)));
        assertEquals(new Energy(100, 100), energy());
        assertNull(accounts(1).get(0).energyJoules());
        assertNull(accounts(1).get(0).smSeconds());
    }

    @Test
    void withoutAnEnergyCounterThereIsSmTimeAndNoEnergy() {
        enter(0, new Told(null, Map.of(1, 0.5), List.of(1)));
        enter(1, new Told(null, Map.of(1, 0.5), List.of(1)));
        assertTrue(ledger.energy(GPU).isEmpty());
        assertNull(accounts(1).get(0).energyJoules());
        assertEquals(Map.of("u1", 0.5), figures(1, Account::smSeconds));
    }

    @Test
    void sameSampleTwiceIsCountedOnce() {
        enter(0, Told.of(0, Map.of(1, 0.0)));
        enter(1, Told.of(100, Map.of(1, 1.0)));
        enter(1, Told.of(100, Map.of(1, 1.0)));
        assertEquals(Map.of("u1", 100.0), joules(1));
        assertEquals(new Energy(100, 0), energy());
    }

    @Test
    void aRenameChargesTheOldAccountForTheTimeBeforeIt() {
        name(100, "before");
        enter(0, Told.of(0, Map.of(100, 0.0)));
        name(100, "after");
        enter(1, Told.of(100, Map.of(100, 1.0)));
        enter(2, Told.of(160, Map.of(100, 1.0)));
        assertEquals(Map.of("before", 100.0, "after", 60.0), joules(2));
    }

    @Test
    void aPodThatIsMadeAnewGoesOnWithTheAccountOfItsName() {
        name(200, "web");
        enter(0, Told.of(0, Map.of(200, 0.0)));
        enter(1, Told.of(100, Map.of(200, 1.0)));
        ledger.count(GPU, "", "31", 1);
        enter(2, Told.of(100, Map.of()));
        enter(3, Told.of(100, Map.of(201, 0.0)));
        enter(4, Told.of(160, Map.of(201, 1.0)));
        ledger.count(GPU, "", "31", 2);
        name(201, "web");
        enter(5, Told.of(200, Map.of(201, 1.0)));
        assertEquals(Map.of("ns/web", 200.0), joules(5));
        assertEquals(Map.of("ns/web", 3.0), figures(5, Account::smSeconds));
        assertEquals(Map.of("31", 3L), accounts(5).get(0).xids());
        assertEquals(new Energy(200, 0), energy());
    }

    @Test
    void aPodThatIsGoneDoesNotTakeThePlaceOfTheOneThatBearsItsName() {
        enter(0, Told.of(0, Map.of(200, 0.0)));
        name(201, "web");
        enter(1, Told.of(100, Map.of(200, 1.0, 201, 0.0)));
        enter(2, Told.of(160, Map.of(201, 1.0)));
        name(200, "web");
        assertEquals(Map.of("ns/web", 160.0), joules(2));
        assertEquals(workload(201), accounts(2).get(0).usage().workload());
    }

    @Test
    void joulesOfAnAccountThatWasClosedBeforeItWasShownAreUnattributed() {
        ledger = ledger(1);
        enter(0, Told.of(0, Map.of(100, 0.0)));
        enter(1, Told.of(100, Map.of(100, 1.0)));
        assertEquals(new Energy(100, 0), energy());
        enter(2, Told.of(100, Map.of()));
        enter(OTHER_GPU, 2, Told.of(0, Map.of(1, 0.0)));
        assertEquals(List.of(), accounts(2));
        assertEquals(new Energy(100, 100), energy());
    }

    @Test
    void joulesOfWhoMakesRoomAtOnceAreUnattributed() {
        ledger = ledger(1);
        enter(0, Told.of(0, Map.of(1, 0.0)));
        enter(1, new Told(100_000L, Map.of(1, 1.0, 2, 0.0), List.of(2)));
        assertEquals(Map.of("u2", 0.0), joules(1));
        assertEquals(new Energy(100, 100), energy());
    }

    @Test
    void workloadsAndTheRestMakeTheWholeInAThousandRandomWorlds() {
        for (int seed = 0; seed < 1000; seed++) {
            new RandomWorld(seed).run();
        }
    }

    /** Units, containers named late, renamed and never, unknown processes, too many of all, gaps, resets and missing answers. */
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
                        enterAt(gpu, now, told(gpu));
                        // After each: an account closed for another GPU's sake and opened again would look like one
                        // that fell.
                        check(now);
                    }
                }
            }
            checkWhole(now);
        }

        private void rename() {
            int pid = 100 + random.nextInt(6);
            switch (random.nextInt(6)) {
                case 0 -> name(pid, "n" + random.nextInt(3));
                case 1 -> names.put(id(pid), new ContainerLookup.Unknown(ContainerLookup.Reason.NOT_FOUND));
                default -> {}
            }
        }

        private Told told(GpuIdentity gpu) {
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
            boolean silent = random.nextInt(12) == 0;
            return new Told(silent ? null : counters.get(gpu), random.nextInt(12) == 0 ? null : sm, pids);
        }

        /** Adds up pages, as their reader does: what an account was last shown with counts on when it is shown no more. */
        private double add(GpuIdentity gpu, long now) {
            Map<Object, Double> last = lastShown.getOrDefault(gpu, Map.of());
            Map<Object, Double> shown = new HashMap<>();
            for (Account account : ledger.accounts(gpu, now)) {
                double joules = account.energyJoules() == null ? 0 : account.energyJoules();
                double step = joules - last.getOrDefault(account.usage().labels(), 0.0);
                assertTrue(step >= 0, "falls, seed " + seed);
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
                assertTrue(energy.joules() >= before.getOrDefault(gpu, 0.0), "falls, seed " + seed);
                before.put(gpu, energy.joules());
            }
        }

        /** After the patience for names nothing is hidden, and the books balance. */
        private void checkWhole(long now) {
            for (GpuIdentity gpu : List.of(GPU, OTHER_GPU)) {
                Energy energy = ledger.energy(gpu).orElse(new Energy(0, 0));
                double all = add(gpu, now + 11_000_000_000L) + energy.unattributedJoules();
                assertEquals(energy.joules(), all, 1e-9 * energy.joules(), "seed " + seed + ", " + gpu.uuid());
            }
        }
    }

    private void name(int pid, String name) {
        names.put(
                id(pid),
                new ContainerLookup.Known(new ContainerDetails(
                        name, "docker", "", Map.of(), pid < 200 ? null : new KubernetesNames("ns", name, "c"))));
    }

    private static String id(int pid) {
        return "%064x".formatted(pid);
    }

    private static Workload workload(int pid) {
        if (pid >= 200) {
            return new Workload.Pod(id(pid), null);
        }
        return pid < 100 ? new Workload.Unit("u" + pid, null) : new Workload.Container("docker", id(pid), null, null);
    }

    private void enter(long second, Told told) {
        enter(GPU, second, told);
    }

    private void enter(GpuIdentity gpu, long second, Told told) {
        enterAt(gpu, second * 1_000_000_000L, told);
    }

    private void enterAt(GpuIdentity gpu, long nanos, Told told) {
        List<GpuProcess> processes = told.pids().stream()
                .map(pid -> new GpuProcess(pid, "", 1L, Set.of(GpuProcess.Kind.COMPUTE)))
                .toList();
        GpuSample sample = new GpuSample(
                null,
                new ProcessList.Known(processes),
                List.of(),
                List.of(),
                told.sm() == null ? null : utilization(told.sm()),
                told.millijoules(),
                Map.of(),
                List.of(),
                List.of());
        Map<Integer, Resolution> resolutions = told.pids().stream()
                .filter(pid -> pid < 1000)
                .collect(Collectors.toMap(
                        pid -> pid, pid -> new Resolution.Resolved(workload(pid), "python3", 0, null)));
        ledger.enter(gpu, nanos, sample, Attribution.of(sample, resolutions, this::lookup), Duration.ofSeconds(1));
    }

    private static ProcessUtilization utilization(Map<Integer, Double> sm) {
        return new ProcessUtilization(sm.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> Map.of(Engine.SM, entry.getValue()))));
    }

    private Energy energy() {
        return ledger.energy(GPU).orElseThrow();
    }

    private List<Account> accounts(long second) {
        return ledger.accounts(GPU, second * 1_000_000_000L);
    }

    private Map<String, Double> joules(long second) {
        return figures(second, Account::energyJoules);
    }

    private Map<String, Double> figures(long second, ToDoubleFunction<Account> figure) {
        return accounts(second).stream()
                .collect(Collectors.toMap(account -> account.usage().labels().workload(), figure::applyAsDouble));
    }
}
