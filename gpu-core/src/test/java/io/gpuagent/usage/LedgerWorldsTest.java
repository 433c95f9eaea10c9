package io.gpuagent.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerDetails.KubernetesNames;
import io.gpuagent.workload.ContainerDirectory;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
import io.gpuagent.workload.WorkloadLabels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Checks that the ledger adds up for random sequences of samples. */
class LedgerWorldsTest extends LedgerFixture {

    /** The worlds contain boards without MIG, and MIG boards whose instances run the same workloads. */
    @Test
    void byteSecondsAreTheIntegralOfMemoryInTwoThousandRandomWorlds() {
        for (int seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            List<String> instances = seed % 4 > 0 ? List.of("") : List.of("", "1:0", "9:0");
            ledger = ledger(5000);
            Map<String, Double> expected = new HashMap<>();
            Map<String, Double> before = new HashMap<>();
            List<WorkloadUsage> held = List.of();
            long now = random.nextLong(1L << 50) - (1L << 49);
            double unobserved = 0;
            for (int i = 0; i < 30; i++) {
                double seconds =
                        random.nextInt(20) == 0 ? 10.5 + random.nextInt(50) : random.nextInt(10_000) / 1e3 + 1e-3;
                now += Math.round(seconds * 1e9);
                for (WorkloadUsage usage : i == 0 || seconds > 10 ? List.<WorkloadUsage>of() : held) {
                    expected.merge(
                            key(usage), Objects.requireNonNullElse(usage.memoryBytes(), 0L) * seconds, Double::sum);
                }
                unobserved += i > 0 && seconds > 10 ? seconds : 0;
                held = randomUsages(random, instances);
                ledger.enter(GPU, now, NOTHING, attribution(held.toArray(WorkloadUsage[]::new)), SECOND);
                for (Account account : settled(ledger, GPU, now)) {
                    String name = key(account.usage());
                    double figure =
                            Optional.ofNullable(account.memoryByteSeconds()).orElse(0.0);
                    assertEquals(expected.getOrDefault(name, 0.0), figure, 1e-9 * figure + 1e-6, "seed " + seed);
                    assertTrue(figure >= before.getOrDefault(name, 0.0), "decreases, seed " + seed);
                    before.put(name, figure);
                }
            }
            assertEquals(unobserved, ledger.unobservedSeconds(GPU), 1e-9 * unobserved, "seed " + seed);
        }
    }

    /**
     * The worlds contain containers and pods whose names are found late, change or are not found, and which end and
     * return. They also contain unreadable lists and samples that are entered twice.
     */
    @Test
    void nothingIsLostOrCountedTwiceForAnySequenceOfNames() {
        for (int seed = 0; seed < 1000; seed++) {
            Random random = new Random(seed);
            Map<String, ContainerLookup> names = new HashMap<>();
            ContainerDirectory directory = container ->
                    names.getOrDefault(container.id(), new ContainerLookup.Unknown(ContainerLookup.Reason.PENDING));
            ledger = new Ledger(directory, 5000, Duration.ofMinutes(1));
            double expected = 0;
            long held = 0;
            long now = 0;
            for (int i = 0; i < 40; i++) {
                double seconds = (1 + random.nextInt(3000)) / 1e3;
                expected += held * seconds;
                now += Math.round(seconds * 1e9);
                boolean up = random.nextInt(10) > 0;
                List<WorkloadUsage> present = up ? containers(random) : List.of();
                held = present.stream()
                        .mapToLong(usage -> Objects.requireNonNullElse(usage.memoryBytes(), 0L))
                        .sum();
                for (int entry = 0; entry < 1 + random.nextInt(2); entry++) {
                    rename(random, names);
                    List<WorkloadUsage> named = grouped(present, directory);
                    rename(random, names);
                    ledger.enter(GPU, now, NOTHING, new Attribution(up, named, up ? 0L : null), SECOND);
                    settled(ledger, GPU, now);
                }
            }
            double sum = settled(ledger, GPU, now + nanos(11)).stream()
                    .mapToDouble(account ->
                            Optional.ofNullable(account.memoryByteSeconds()).orElse(0.0))
                    .sum();
            assertEquals(expected, sum, 1e-9 * expected + 1e-6, "seed " + seed);
        }
    }

    /** Merges usages with equal labels, as an attribution does. */
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
            Workload workload = i < 3
                    ? new Workload.Container(ContainerRuntime.DOCKER, id, null, null)
                    : new Workload.Pod(id, null);
            if (random.nextInt(3) > 0) {
                usages.add(plain(workload, random.nextLong(1L << 37)));
            }
        }
        return usages;
    }

    /**
     * Gives a random container a name, or none. Two pods may have the same name, as happens when a pod is recreated.
     */
    private static void rename(Random random, Map<String, ContainerLookup> names) {
        String id = "%064x".formatted(random.nextInt(5));
        if (random.nextInt(3) == 0) {
            KubernetesNames pod = new KubernetesNames("ns", "pod" + random.nextInt(2), "c", id, null);
            names.put(
                    id,
                    random.nextInt(3) == 0
                            ? new ContainerLookup.Unknown(ContainerLookup.Reason.NOT_FOUND)
                            : new ContainerLookup.Known(new ContainerDetails(
                                    "n" + random.nextInt(3), ContainerRuntime.DOCKER, "", Map.of(), pod)));
        }
    }

    private static String key(WorkloadUsage usage) {
        return usage.mig() + " " + usage.labels().workload();
    }

    private static List<WorkloadUsage> randomUsages(Random random, List<String> instances) {
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
}
