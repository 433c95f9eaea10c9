package io.gpuagent.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.ProcessList;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerDetails.KubernetesNames;
import io.gpuagent.workload.ContainerDirectory;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.Workload;
import io.gpuagent.workload.WorkloadLabels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LedgerTest {

    private static final GpuIdentity GPU = new GpuIdentity(0, "GPU-a", "Tesla P4", "00000000:01:00.0");
    private static final GpuIdentity OTHER_GPU = new GpuIdentity(1, "GPU-b", "Tesla P4", "00000000:02:00.0");
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final GpuSample NOTHING =
            new GpuSample(null, new ProcessList.Known(List.of()), List.of(), List.of(), List.of());
    private static final Workload A = new Workload.Unit("a.service", null);
    private static final Workload B = new Workload.Unit("b.service", null);
    private static final Workload.Container CONTAINER =
            new Workload.Container("docker", "0123456789abcdef".repeat(4), null, null);

    /** What the directory says of every container. */
    private ContainerLookup lookup = new ContainerLookup.Unknown(ContainerLookup.Reason.PENDING);

    private Ledger ledger = ledger(5000);

    private Ledger ledger(int most) {
        return new Ledger(container -> lookup, most, Duration.ofMinutes(1));
    }

    @Test
    void sampleHoldsUntilTheNextAlsoForWhoIsGoneInIt() {
        enter(0, usage(A, 100L));
        assertEquals(0.0, byteSeconds(0, "a.service"));
        enter(2, usage(A, 300L), usage(B, 10L));
        assertEquals(200.0, byteSeconds(2, "a.service"));
        enter(5, usage(B, 20L));
        assertEquals(200.0 + 900.0, byteSeconds(5, "a.service"));
        assertEquals(30.0, byteSeconds(5, "b.service"));
        enter(9, usage(B, 20L));
        assertEquals(1100.0, byteSeconds(9, "a.service"));
    }

    @Test
    void workloadThatReturnsGoesOnWhereItLeft() {
        enter(0, usage(A, 100L));
        enter(1);
        enter(8);
        enter(9, usage(A, 100L));
        enter(10, usage(A, 100L));
        assertEquals(200.0, byteSeconds(10, "a.service"));
    }

    @Test
    void sameSampleTwiceIsCountedOnce() {
        enter(0, usage(A, 100L));
        enter(1, usage(A, 100L));
        enter(1, usage(A, 100L));
        assertEquals(100.0, byteSeconds(1, "a.service"));
    }

    @Test
    void gapIsChargedToNobodyAndItsLengthKept() {
        enter(0, usage(A, 100L));
        enter(10, usage(A, 100L));
        assertEquals(1000.0, byteSeconds(10, "a.service"));
        enter(21, usage(A, 100L));
        assertEquals(1000.0, byteSeconds(21, "a.service"));
        assertEquals(11.0, ledger.unobservedSeconds(GPU));
        enter(22, usage(A, 100L));
        assertEquals(1100.0, byteSeconds(22, "a.service"));
    }

    @Test
    void gapIsThreeIntervalsWhereTheseAreLonger() {
        ledger.enter(GPU, 0, NOTHING, attribution(usage(A, 1L)), Duration.ofSeconds(20));
        ledger.enter(GPU, nanos(60), NOTHING, attribution(usage(A, 1L)), Duration.ofSeconds(20));
        assertEquals(60.0, byteSeconds(60, "a.service"));
        ledger.enter(GPU, nanos(121), NOTHING, attribution(usage(A, 1L)), Duration.ofSeconds(20));
        assertEquals(61.0, ledger.unobservedSeconds(GPU));
    }

    @Test
    void listThatCouldNotBeReadIsNotObserved() {
        enter(0, usage(A, 100L));
        ledger.enter(GPU, nanos(1), NOTHING, new Attribution(false, List.of(), null), SECOND);
        assertEquals(100.0, byteSeconds(1, "a.service"));
        enter(3, usage(A, 100L));
        assertEquals(100.0, byteSeconds(3, "a.service"));
        assertEquals(2.0, ledger.unobservedSeconds(GPU));
    }

    @Test
    void workloadWhoseMemoryIsNeverToldHasNoFigure() {
        enter(0, usage(A, (Long) null));
        enter(1, usage(A, (Long) null));
        assertNull(account(1, "a.service").memoryByteSeconds());
        assertNull(account(1, "a.service").peakBytes());
        enter(2, usage(A, 5L, null));
        enter(3, usage(A, (Long) null));
        enter(4, usage(A, (Long) null));
        assertEquals(5.0, byteSeconds(4, "a.service"));
    }

    @Test
    void containerIsShownWithItsNameAndCompleteFromItsFirstSample() {
        enter(0, usage(CONTAINER, 100L));
        enter(4, usage(CONTAINER, 100L));
        assertEquals(List.of(), ledger.accounts(GPU, nanos(4)));
        known("trainer");
        enter(4, usage(CONTAINER, 100L));
        assertEquals(400.0, byteSeconds(4, "trainer"));
        enter(5, usage(CONTAINER, 100L));
        assertEquals(500.0, byteSeconds(5, "trainer"));
        assertEquals(1, ledger.accounts(GPU, nanos(5)).size());
    }

    @Test
    void containerWhoseNameDoesNotComeIsShownByItsIdAfterTenSeconds() {
        enter(0, usage(CONTAINER, 100L));
        enter(9, usage(CONTAINER, 100L));
        assertEquals(List.of(), ledger.accounts(GPU, nanos(9)));
        enter(10, usage(CONTAINER, 100L));
        assertEquals(1000.0, byteSeconds(10, "0123456789ab"));
        known("late");
        enter(11, usage(CONTAINER, 100L));
        enter(12, usage(CONTAINER, 100L));
        assertEquals(1100.0, byteSeconds(12, "0123456789ab"));
        assertEquals(100.0, byteSeconds(12, "late"));
    }

    @Test
    void containerThatNobodyKnowsIsShownByItsIdAtOnce() {
        lookup = new ContainerLookup.Unknown(ContainerLookup.Reason.NOT_FOUND);
        enter(0, usage(CONTAINER, 100L));
        assertEquals(0.0, byteSeconds(0, "0123456789ab"));
    }

    @Test
    void containerThatIsGoneBeforeItsNameCameIsShownAllTheSame() {
        enter(0, usage(CONTAINER, 100L));
        enter(3);
        assertEquals(List.of(), ledger.accounts(GPU, nanos(3)));
        enter(10);
        assertEquals(300.0, byteSeconds(10, "0123456789ab"));
    }

    @Test
    void containerThatIsGoneBeforeItsNameCameIsShownWithItWhenItComes() {
        enter(0, usage(CONTAINER, 100L));
        enter(1);
        assertEquals(List.of(), ledger.accounts(GPU, nanos(1)));
        known("short");
        enter(2);
        assertEquals(100.0, byteSeconds(2, "short"));
        enter(901);
        assertEquals(1, ledger.accounts(GPU, nanos(900)).size());
        assertEquals(List.of(), ledger.accounts(GPU, nanos(901)));
    }

    @Test
    void containerThatIsGoneAndThatNobodyKnowsIsShownByItsIdAtOnce() {
        enter(0, usage(CONTAINER, 100L));
        enter(1);
        lookup = new ContainerLookup.Unknown(ContainerLookup.Reason.NOT_FOUND);
        enter(2);
        assertEquals(100.0, byteSeconds(2, "0123456789ab"));
    }

    @Test
    void nameThatComesWhileASampleIsEnteredIsWaitedFor() {
        enter(0, usage(CONTAINER, 100L));
        WorkloadUsage unnamed = usage(CONTAINER, 100L);
        known("trainer");
        enter(1, unnamed);
        assertEquals(List.of(), ledger.accounts(GPU, nanos(1)));
        enter(2, usage(CONTAINER, 100L));
        assertEquals(200.0, byteSeconds(2, "trainer"));
    }

    @Test
    void containerThatIsSeenByAnotherPathIsTheSameOne() {
        Workload.Container otherwise = new Workload.Container(null, CONTAINER.id(), "pod", null);
        enter(0, usage(otherwise, 100L));
        enter(1, usage(CONTAINER, 100L));
        enter(2);
        known("trainer");
        enter(3);
        assertEquals(200.0, byteSeconds(3, "trainer"));
    }

    @Test
    void peakBeforeTheNameCameIsThatOfTheAccountItIsAddedTo() {
        known("trainer");
        enter(0, usage(CONTAINER, 5L));
        enter(1);
        lookup = new ContainerLookup.Unknown(ContainerLookup.Reason.PENDING);
        enter(2, usage(CONTAINER, 9L));
        enter(3, usage(CONTAINER, 3L));
        known("trainer");
        enter(4, usage(CONTAINER, 3L));
        assertEquals(9, account(4, "trainer").peakBytes());
        assertEquals(5.0 + 9.0 + 3.0, byteSeconds(4, "trainer"));
    }

    @Test
    void gpuWhoseModelIsToldLaterKeepsItsAccounts() {
        GpuIdentity nameless = new GpuIdentity(0, "GPU-a", "", "");
        ledger.enter(nameless, 0, NOTHING, attribution(usage(A, 100L)), SECOND);
        ledger.forgetAllBut(Set.of(nameless));
        enter(1, usage(A, 100L));
        ledger.forgetAllBut(Set.of(GPU));
        assertEquals(100.0, byteSeconds(1, "a.service"));
    }

    @Test
    void nobodyIsForgottenWhileTheListCannotBeRead() {
        enter(0, usage(A, 1L));
        for (int second = 1; second < 2000; second++) {
            ledger.enter(GPU, nanos(second), NOTHING, new Attribution(false, List.of(), null), SECOND);
            ledger.accounts(GPU, nanos(second));
        }
        assertEquals(List.of("a.service"), names(ledger.count(GPU, "", "31", 1)));
        enter(2000, usage(A, 1L));
        assertEquals(1.0, byteSeconds(2000, "a.service"));
    }

    @Test
    void renameFreezesTheOldAccountAndTheNewOneStartsFromNothing() {
        known("before");
        enter(0, usage(CONTAINER, 100L));
        enter(1, usage(CONTAINER, 100L));
        known("after");
        enter(2, usage(CONTAINER, 100L));
        enter(3, usage(CONTAINER, 100L));
        assertEquals(200.0, byteSeconds(3, "before"));
        assertEquals(100.0, byteSeconds(3, "after"));
    }

    @Test
    void errorAfterARenameIsThatOfTheNewAccountAlone() {
        known("before");
        enter(0, usage(CONTAINER, 100L));
        known("after");
        enter(0, usage(CONTAINER, 100L));
        assertEquals(List.of("after"), names(ledger.count(GPU, "", "31", 1)));
    }

    @Test
    void accountOfWhoIsGoneStaysForAQuarterOfAnHour() {
        enter(0, usage(A, 1L));
        enter(1);
        enter(900);
        assertEquals(1.0, byteSeconds(900, "a.service"));
        enter(901);
        assertEquals(List.of(), ledger.accounts(GPU, nanos(901)));
    }

    @Test
    void nobodyIsForgottenWhileTheGpuCannotBeSampled() {
        enter(0, usage(A, 1L));
        assertEquals(0.0, byteSeconds(5000, "a.service"));
    }

    @Test
    void peakIsTheLargestSampleOfTheWindow() {
        enter(0, usage(A, 5L));
        enter(10, usage(A, 9L));
        enter(20, usage(A, 7L));
        assertEquals(9, account(20, "a.service").peakBytes());
        assertEquals(9, account(70, "a.service").peakBytes());
        assertEquals(7, account(71, "a.service").peakBytes());
        assertNull(account(81, "a.service").peakBytes());
    }

    @Test
    void workloadsBeyondTheLimitAreOneAndNothingIsLost() {
        ledger = ledger(2);
        Attribution entered = enter(0, units(5));
        assertEquals(List.of("(other)", "u0", "u1"), names(entered));
        assertEquals(500, sum(entered));
        assertEquals(3, entered.others());
        assertEquals(0, enter(1, units(2)).others());
        enter(1, units(5));
        assertEquals(300.0, byteSeconds(1, "(other)"));
        assertEquals(100.0, byteSeconds(1, "u0"));
    }

    @Test
    void whoHasBeenGoneForLongestMakesRoomOnWhicheverGpu() {
        ledger = ledger(2);
        ledger.enter(OTHER_GPU, 0, NOTHING, attribution(usage(A, 1L)), SECOND);
        ledger.enter(OTHER_GPU, nanos(1), NOTHING, attribution(), SECOND);
        enter(1, usage(A, 1L));
        enter(2, usage(A, 1L), usage(B, 1L));
        assertEquals(List.of(), ledger.accounts(OTHER_GPU, nanos(2)));
        assertEquals(2, ledger.accounts(GPU, nanos(2)).size());
    }

    @Test
    void ofTwoWhoAreGoneOnDifferentGpusTheOneGoneForLongerMakesRoom() {
        for (GpuIdentity first : List.of(GPU, OTHER_GPU)) {
            GpuIdentity second = first == GPU ? OTHER_GPU : GPU;
            ledger = ledger(2);
            ledger.enter(first, 0, NOTHING, attribution(usage(A, 1L)), SECOND);
            ledger.enter(first, nanos(1), NOTHING, attribution(), SECOND);
            ledger.enter(second, nanos(1), NOTHING, attribution(usage(A, 1L)), SECOND);
            ledger.enter(second, nanos(2), NOTHING, attribution(), SECOND);
            ledger.enter(second, nanos(3), NOTHING, attribution(usage(B, 1L)), SECOND);
            assertEquals(List.of(), ledger.accounts(first, nanos(3)));
            assertEquals(2, ledger.accounts(second, nanos(3)).size());
        }
    }

    @Test
    void containerOfASourceThatIsSilentIsWaitedFor() {
        lookup = new ContainerLookup.Unknown(ContainerLookup.Reason.UNAVAILABLE);
        enter(0, usage(CONTAINER, 100L));
        assertEquals(List.of(), ledger.accounts(GPU, 0));
        known("trainer");
        enter(1, usage(CONTAINER, 100L));
        assertEquals(100.0, byteSeconds(1, "trainer"));
    }

    @Test
    void whoeverIsStillThereNeverMakesRoom() {
        ledger = ledger(2);
        enter(0, usage(A, 1L), usage(B, 1L));
        Attribution entered = enter(1, usage(new Workload.Unit("0.service", null), 1L), usage(A, 1L), usage(B, 1L));
        assertEquals(List.of("(other)", "a.service", "b.service"), names(entered));
        enter(2, usage(A, 1L), usage(B, 1L));
        assertEquals(2.0, byteSeconds(2, "a.service"));
    }

    @Test
    void whoIsNamedWhileThereIsNoRoomIsStillThere() {
        ledger = ledger(1);
        enter(0, usage(CONTAINER, 100L));
        known("trainer");
        assertEquals(List.of("(other)", "trainer"), names(enter(1, usage(CONTAINER, 100L), usage(B, 1L))));
        assertEquals(100.0, byteSeconds(1, "trainer"));
    }

    /** On a board of one piece, and on one whose instances have the same workloads on them, now on one and now on the other. */
    @Test
    void byteSecondsAreTheIntegralOfTwoThousandRandomWorlds() {
        for (int seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            List<String> instances = seed % 4 > 0 ? List.of("") : List.of("", "1:0", "9:0");
            ledger = ledger(5000);
            Map<String, Double> truth = new HashMap<>();
            Map<String, Double> before = new HashMap<>();
            List<WorkloadUsage> held = List.of();
            long now = random.nextLong(1L << 50) - (1L << 49);
            double unobserved = 0;
            for (int i = 0; i < 30; i++) {
                double seconds =
                        random.nextInt(20) == 0 ? 10.5 + random.nextInt(50) : random.nextInt(10_000) / 1e3 + 1e-3;
                now += Math.round(seconds * 1e9);
                for (WorkloadUsage usage : i == 0 || seconds > 10 ? List.<WorkloadUsage>of() : held) {
                    truth.merge(place(usage), usage.memoryBytes().orElse(0) * seconds, Double::sum);
                }
                unobserved += i > 0 && seconds > 10 ? seconds : 0;
                held = world(random, instances);
                ledger.enter(GPU, now, NOTHING, attribution(held.toArray(WorkloadUsage[]::new)), SECOND);
                for (Account account : ledger.accounts(GPU, now)) {
                    String name = place(account.usage());
                    double figure =
                            Optional.ofNullable(account.memoryByteSeconds()).orElse(0.0);
                    assertEquals(truth.getOrDefault(name, 0.0), figure, 1e-9 * figure + 1e-6, "seed " + seed);
                    assertTrue(figure >= before.getOrDefault(name, 0.0), "falls, seed " + seed);
                    before.put(name, figure);
                }
            }
            assertEquals(unobserved, ledger.unobservedSeconds(GPU), 1e-9 * unobserved, "seed " + seed);
        }
    }

    /** Containers and pods whose names come late, change and are refused; who go and return; lists that fail; samples entered twice. */
    @Test
    void nothingIsLostAndNothingIsCountedTwiceWhateverNamesCome() {
        for (int seed = 0; seed < 1000; seed++) {
            Random random = new Random(seed);
            Map<String, ContainerLookup> names = new HashMap<>();
            ContainerDirectory directory = container ->
                    names.getOrDefault(container.id(), new ContainerLookup.Unknown(ContainerLookup.Reason.PENDING));
            ledger = new Ledger(directory, 5000, Duration.ofMinutes(1));
            double truth = 0;
            long held = 0;
            long now = 0;
            for (int i = 0; i < 40; i++) {
                double seconds = (1 + random.nextInt(3000)) / 1e3;
                truth += held * seconds;
                now += Math.round(seconds * 1e9);
                boolean up = random.nextInt(10) > 0;
                List<WorkloadUsage> there = up ? containers(random) : List.of();
                held = there.stream()
                        .mapToLong(usage -> usage.memoryBytes().orElse(0))
                        .sum();
                for (int entry = 0; entry < 1 + random.nextInt(2); entry++) {
                    rename(random, names);
                    List<WorkloadUsage> named = grouped(there, directory);
                    rename(random, names);
                    ledger.enter(GPU, now, NOTHING, new Attribution(up, named, up ? 0L : null), SECOND);
                    ledger.accounts(GPU, now);
                }
            }
            double sum = ledger.accounts(GPU, now + nanos(11)).stream()
                    .mapToDouble(account ->
                            Optional.ofNullable(account.memoryByteSeconds()).orElse(0.0))
                    .sum();
            assertEquals(truth, sum, 1e-9 * truth + 1e-6, "seed " + seed);
        }
    }

    /** As an attribution has them: those of the same labels are one. */
    private static List<WorkloadUsage> grouped(List<WorkloadUsage> usages, ContainerDirectory directory) {
        Map<WorkloadLabels, WorkloadUsage> groups = new LinkedHashMap<>();
        for (WorkloadUsage usage : usages) {
            WorkloadUsage named = Attribution.named(usage, directory);
            groups.merge(named.labels(), named, (one, other) -> {
                List<ProcessUsage> processes = new ArrayList<>(one.processes());
                processes.addAll(other.processes());
                return new WorkloadUsage(one.labels(), "", one.workload(), one.details(), processes);
            });
        }
        return List.copyOf(groups.values());
    }

    private static List<WorkloadUsage> containers(Random random) {
        List<WorkloadUsage> usages = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            String id = "%064x".formatted(i);
            Workload workload = i < 3 ? new Workload.Container("docker", id, null, null) : new Workload.Pod(id, null);
            if (random.nextInt(3) > 0) {
                usages.add(plain(workload, random.nextLong(1L << 37)));
            }
        }
        return usages;
    }

    /** Both pods may come to have one name, as one that was made anew has. */
    private static void rename(Random random, Map<String, ContainerLookup> names) {
        String id = "%064x".formatted(random.nextInt(5));
        if (random.nextInt(3) == 0) {
            KubernetesNames pod = new KubernetesNames("ns", "pod" + random.nextInt(2), "c", id, null);
            names.put(
                    id,
                    random.nextInt(3) == 0
                            ? new ContainerLookup.Unknown(ContainerLookup.Reason.NOT_FOUND)
                            : new ContainerLookup.Known(
                                    new ContainerDetails("n" + random.nextInt(3), "docker", "", Map.of(), pod)));
        }
    }

    private static String place(WorkloadUsage usage) {
        return usage.mig() + " " + usage.labels().workload();
    }

    private static List<WorkloadUsage> world(Random random, List<String> instances) {
        List<WorkloadUsage> usages = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            for (String mig : instances) {
                if (random.nextBoolean()) {
                    usages.add(described(
                            new Workload.Unit("u" + i, null),
                            mig,
                            null,
                            random.nextInt(4) == 0 ? null : random.nextLong(1L << 37)));
                }
            }
        }
        return usages;
    }

    private void known(String name) {
        lookup = new ContainerLookup.Known(new ContainerDetails(name, "docker", "", Map.of(), null));
    }

    private static WorkloadUsage[] units(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> plain(new Workload.Unit("u" + i, null), 100L))
                .toArray(WorkloadUsage[]::new);
    }

    private Attribution enter(long second, WorkloadUsage... usages) {
        return ledger.enter(GPU, nanos(second), NOTHING, attribution(usages), SECOND);
    }

    private static Attribution attribution(WorkloadUsage... usages) {
        return new Attribution(true, Arrays.stream(usages).toList(), 0L);
    }

    private WorkloadUsage usage(Workload workload, @Nullable Long... bytes) {
        ContainerDetails details =
                workload == CONTAINER && lookup instanceof ContainerLookup.Known known ? known.details() : null;
        return described(workload, "", details, bytes);
    }

    private static WorkloadUsage plain(Workload workload, @Nullable Long bytes) {
        return described(workload, "", null, bytes);
    }

    private static WorkloadUsage described(
            Workload workload, String mig, @Nullable ContainerDetails details, @Nullable Long... bytes) {
        List<ProcessUsage> processes = Arrays.stream(bytes)
                .map(each -> new ProcessUsage(
                        new GpuProcess(1, mig, each, Set.of(GpuProcess.Kind.COMPUTE)), "python3", 0, null))
                .toList();
        return new WorkloadUsage(WorkloadLabels.of(workload, details), mig, workload, details, processes);
    }

    private Account account(long second, String name) {
        return ledger.accounts(GPU, nanos(second)).stream()
                .filter(account -> account.usage().labels().workload().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no account of " + name));
    }

    private double byteSeconds(long second, String name) {
        return Optional.ofNullable(account(second, name).memoryByteSeconds()).orElseThrow();
    }

    private static List<String> names(Attribution attribution) {
        return names(attribution.workloads());
    }

    private static List<String> names(List<WorkloadUsage> usages) {
        return usages.stream().map(usage -> usage.labels().workload()).toList();
    }

    private static long sum(Attribution attribution) {
        return attribution.workloads().stream()
                .mapToLong(usage -> usage.memoryBytes().orElse(0))
                .sum();
    }

    private static long nanos(long second) {
        return second * 1_000_000_000L;
    }
}
