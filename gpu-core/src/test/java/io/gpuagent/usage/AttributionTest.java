package io.gpuagent.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.ProcessList;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerDirectory;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Resolution;
import io.gpuagent.workload.Resolution.Resolved;
import io.gpuagent.workload.Resolution.Unresolved;
import io.gpuagent.workload.Workload;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AttributionTest {

    private static final Workload.Container TRAINER =
            new Workload.Container(ContainerRuntime.DOCKER, "0123456789abcdef".repeat(4), null, null);
    private static final Workload OLLAMA = new Workload.Unit("ollama.service", null);

    @Test
    void memoryOfAContainersProcessesIsSummed() {
        Attribution attribution = attribute(
                memory(1000),
                List.of(process(1, 300L), process(2, 200L), process(3, 100L)),
                Map.of(1, resolved(TRAINER), 2, resolved(TRAINER), 3, resolved(OLLAMA)));

        assertEquals(List.of("0123456789ab", "ollama.service"), names(attribution));
        assertEquals(500L, attribution.workloads().get(0).memoryBytes());
        assertEquals(400, attribution.unattributedBytes());
    }

    @Test
    void memoryOfAnUnresolvedProcessIsUnattributed() {
        Attribution attribution =
                attribute(memory(1000), List.of(process(1, 300L)), Map.of(1, new Unresolved(Resolution.Reason.EXITED)));

        assertEquals(List.of(), attribution.workloads());
        assertEquals(1000, attribution.unattributedBytes());
    }

    @Test
    void unattributedMemoryMayBeNegative() {
        Attribution attribution = attribute(memory(100), List.of(process(1, 300L)), Map.of(1, resolved(OLLAMA)));

        assertEquals(-200, attribution.unattributedBytes());
    }

    @Test
    void unknownMemoryIsCountedAsProcessesAndNotAsBytes() {
        Attribution attribution = attribute(
                memory(1000),
                List.of(process(1, null), process(2, 50L), process(3, null)),
                Map.of(1, resolved(TRAINER), 2, resolved(TRAINER), 3, resolved(OLLAMA)));

        assertEquals(50L, attribution.workloads().get(0).memoryBytes());
        assertEquals(1, attribution.workloads().get(0).unknownMemoryProcesses());
        assertNull(attribution.workloads().get(1).memoryBytes());
        assertEquals(950, attribution.unattributedBytes());
    }

    @Test
    void unreadableListHasNeitherWorkloadsNorUnattributedMemory() {
        ProcessList list = new ProcessList.Unreadable(new CallFault("f", "NO_PERMISSION"));
        Attribution attribution = Attribution.of(
                new GpuSample(memory(1000), list, List.of(), List.of(), List.of()), Map.of(), ContainerDirectory.NONE);

        assertFalse(attribution.processListUp());
        assertEquals(List.of(), attribution.workloads());
        assertNull(attribution.unattributedBytes());
    }

    @Test
    void deviceWithoutMemoryFiguresHasWorkloadsButNoUnattributedMemory() {
        Attribution attribution = attribute(null, List.of(process(1, 300L)), Map.of(1, resolved(OLLAMA)));

        assertEquals(300L, attribution.workloads().get(0).memoryBytes());
        assertNull(attribution.unattributedBytes());
    }

    @Test
    void podIsLookedUpByItsUidAndTakesOnlyItsNameFromAContainer() {
        Workload.Pod pod = new Workload.Pod("f69b516a-c807-11ea-b574-e8611f15cb84", "burstable");
        ContainerDetails sibling = new ContainerDetails(
                "k8s_POD_p_n_u_0",
                ContainerRuntime.CONTAINERD,
                "pause",
                Map.of("team", "asr"),
                new ContainerDetails.KubernetesNames("n", "p", "POD", "f69b516a-c807-11ea-b574-e8611f15cb84", null));
        ContainerDirectory names = container -> container.equals(pod)
                ? new ContainerLookup.Known(sibling)
                : new ContainerLookup.Unknown(ContainerLookup.Reason.NOT_FOUND);
        GpuSample sample = new GpuSample(
                memory(1000), new ProcessList.Known(List.of(process(1, 300L))), List.of(), List.of(), List.of());
        WorkloadUsage usage = Attribution.of(sample, Map.of(1, resolved(pod)), names)
                .workloads()
                .get(0);
        assertEquals("n/p", usage.labels().workload());
        assertEquals("", usage.labels().container());
        assertNull(usage.details());
        assertEquals(pod.uid(), usage.podUid());
        assertEquals("burstable", usage.qos());
    }

    @Test
    void containerNamedByItsIdIsNotLookedUp() {
        Workload.Container task = new Workload.Container(ContainerRuntime.NOMAD, "alloc.task", null, null);
        ContainerDirectory names = container -> {
            throw new AssertionError("looked up " + container);
        };
        GpuSample sample = new GpuSample(
                memory(1000), new ProcessList.Known(List.of(process(1, 300L))), List.of(), List.of(), List.of());
        assertEquals(List.of("alloc.task"), names(Attribution.of(sample, Map.of(1, resolved(task)), names)));
    }

    @Test
    void containersWithEqualLabelsAreOneWorkload() {
        Workload.Container fromItsMounts = new Workload.Container(null, TRAINER.id(), null, null);
        ContainerDirectory names = container ->
                new ContainerLookup.Known(new ContainerDetails("trainer", ContainerRuntime.DOCKER, "", Map.of(), null));
        Attribution attribution = Attribution.of(
                sample(memory(1000), List.of(process(1, 1L), process(2, 2L))),
                Map.of(1, resolved(TRAINER), 2, resolved(fromItsMounts)),
                names);

        assertEquals(List.of("trainer"), names(attribution));
        assertEquals(3L, attribution.workloads().get(0).memoryBytes());
    }

    @Test
    void workloadsOfTwoMigInstancesAreSeparate() {
        Attribution attribution = attribute(
                memory(1000),
                List.of(
                        new GpuProcess(1, "1:0", 10L, Set.of(GpuProcess.Kind.COMPUTE)),
                        new GpuProcess(2, "2:0", 20L, Set.of(GpuProcess.Kind.COMPUTE))),
                Map.of(1, resolved(OLLAMA), 2, resolved(OLLAMA)));

        assertEquals(
                List.of("1:0", "2:0"),
                attribution.workloads().stream().map(WorkloadUsage::mig).toList());
        assertEquals(970, attribution.unattributedBytes());
    }

    /** In every second world the board has MIG instances. A process may run on several of them or on none. */
    @Test
    void memoryAddsUpOnRandomNodesInAnyOrderOfProcesses() {
        for (int seed = 0; seed < 3000; seed++) {
            Random random = new Random(seed);
            List<String> instances = seed % 2 == 0 ? List.of("") : List.of("", "1:0", "1:1", "9:0", "10:0");
            List<GpuProcess> processes = new ArrayList<>();
            Map<Integer, Resolution> resolutions = new HashMap<>();
            for (int pid = 1; pid <= random.nextInt(40); pid++) {
                for (int rows = random.nextInt(3); rows >= 0; rows--) {
                    String mig = instances.get(random.nextInt(instances.size()));
                    processes.add(process(pid, mig, random.nextInt(5) == 0 ? null : random.nextLong(1L << 37)));
                }
                randomResolution(random).ifPresentPut(resolutions, pid);
            }
            GpuMemory memory = memory(random.nextLong(1L << 40));
            Attribution attribution = attribute(memory, processes, resolutions);
            Map<String, Long> held = held(attribution);
            long sum = held.values().stream().mapToLong(Long::longValue).sum();
            assertEquals(memory.usedBytes(), sum + attribution.unattributedBytes(), "seed " + seed);
            assertEquals(expectedMemory(processes, resolutions), held, "seed " + seed);

            Collections.shuffle(processes, random);
            Attribution shuffled = attribute(memory, processes, resolutions);
            assertEquals(names(attribution), names(shuffled), "seed " + seed);
            assertEquals(processes(attribution), processes(shuffled), "seed " + seed);
            assertEquals(held, held(shuffled), "seed " + seed);
            assertEquals(attribution.unattributedBytes(), shuffled.unattributedBytes(), "seed " + seed);
        }
    }

    /**
     * Returns the expected memory of the workloads on each instance, which is the sum of the largest row of every
     * process.
     */
    private static Map<String, Long> expectedMemory(List<GpuProcess> rows, Map<Integer, Resolution> resolutions) {
        Map<String, Map<Integer, Long>> largest = new TreeMap<>();
        for (GpuProcess row : rows) {
            if (resolutions.get(row.pid()) instanceof Resolved) {
                long bytes = row.memoryBytes() == null ? 0 : row.memoryBytes();
                largest.computeIfAbsent(row.mig(), unused -> new HashMap<>()).merge(row.pid(), bytes, Math::max);
            }
        }
        Map<String, Long> sums = new TreeMap<>();
        largest.forEach((mig, each) ->
                sums.put(mig, each.values().stream().mapToLong(Long::longValue).sum()));
        return sums;
    }

    private static Map<String, Long> held(Attribution attribution) {
        return attribution.workloads().stream()
                .collect(Collectors.groupingBy(
                        WorkloadUsage::mig,
                        TreeMap::new,
                        Collectors.summingLong(usage -> Objects.requireNonNullElse(usage.memoryBytes(), 0L))));
    }

    @Test
    void processInTwoListsCountsOnceWithItsLargerRow() {
        ProcessList union = ProcessList.union(List.of(
                new GpuProcess(7, "", 100L, Set.of(GpuProcess.Kind.COMPUTE)),
                new GpuProcess(7, "", 120L, Set.of(GpuProcess.Kind.GRAPHICS)),
                new GpuProcess(8, "", null, Set.of(GpuProcess.Kind.COMPUTE)),
                new GpuProcess(8, "", 5L, Set.of(GpuProcess.Kind.MPS))));

        List<GpuProcess> rows = ((ProcessList.Known) union).processes();
        assertEquals(
                List.of(120L, 5L), rows.stream().map(GpuProcess::memoryBytes).toList());
        assertEquals(List.of("C+G", "M+C"), rows.stream().map(GpuProcess::type).toList());
        assertTrue(rows.size() == 2);
    }

    private record Draw(@Nullable Resolution resolution) {
        void ifPresentPut(Map<Integer, Resolution> resolutions, int pid) {
            if (resolution != null) {
                resolutions.put(pid, resolution);
            }
        }
    }

    private static Draw randomResolution(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> new Draw(null);
            case 1 -> new Draw(new Unresolved(Resolution.Reason.EXITED));
            case 2 -> new Draw(resolved(TRAINER));
            case 3 -> new Draw(resolved(OLLAMA));
            case 4 -> new Draw(resolved(new Workload.HostProcess("p" + random.nextInt(3))));
            default -> new Draw(resolved(new Workload.Job(Integer.toString(random.nextInt(4)))));
        };
    }

    private static Resolved resolved(Workload workload) {
        return new Resolved(workload, "python3", 0, null);
    }

    private static GpuProcess process(int pid, @Nullable Long bytes) {
        return process(pid, "", bytes);
    }

    private static GpuProcess process(int pid, String mig, @Nullable Long bytes) {
        return new GpuProcess(pid, mig, bytes, Set.of(GpuProcess.Kind.COMPUTE));
    }

    private static GpuMemory memory(long used) {
        return new GpuMemory(GpuMemory.Api.V2, 1L << 40, used, (1L << 40) - used, 0L);
    }

    private static GpuSample sample(@Nullable GpuMemory memory, List<GpuProcess> processes) {
        return new GpuSample(memory, ProcessList.union(processes), List.of(), List.of(), List.of());
    }

    private static Attribution attribute(
            @Nullable GpuMemory memory, List<GpuProcess> processes, Map<Integer, ? extends Resolution> resolutions) {
        return Attribution.of(sample(memory, processes), Map.copyOf(resolutions), ContainerDirectory.NONE);
    }

    private static List<Set<ProcessUsage>> processes(Attribution attribution) {
        return attribution.workloads().stream()
                .map(usage -> Set.copyOf(usage.processes()))
                .toList();
    }

    private static List<String> names(Attribution attribution) {
        return attribution.workloads().stream()
                .map(usage -> usage.labels().workload())
                .toList();
    }
}
