package io.gpuagent.agent.http;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summingDouble;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.usage.WorkloadUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What each GPU held, did and drew in the last quarter of an hour, as JSON by the schema {@code history.schema.json}. A GPU takes about
 * 10 KB, however many workloads it has: only the largest have lines of their own. Used by any thread.
 */
final class History {

    /** Between two samples that are kept. */
    static final Duration STEP = Duration.ofSeconds(10);

    private static final int STEPS = 90;
    private static final int LARGEST = 8;

    private final @Nullable Instant[] times = new Instant[STEPS];
    private final Map<GpuKey, Gpu> gpus = new TreeMap<>();
    private int newest = STEPS - 1;

    private record GpuKey(int index, String uuid) implements Comparable<GpuKey> {

        static GpuKey of(GpuIdentity gpu) {
            return new GpuKey(gpu.index(), gpu.uuid());
        }

        @Override
        public int compareTo(GpuKey other) {
            return Comparator.comparingInt(GpuKey::index)
                    .thenComparing(GpuKey::uuid)
                    .compare(this, other);
        }
    }

    private record Name(String mig, String kind, String workload) {

        static Name of(WorkloadUsage usage) {
            return new Name(usage.mig(), usage.labels().kind(), usage.labels().workload());
        }
    }

    /** Takes the place of the oldest step. What a GPU does not tell is a gap, and so is a step without a fresh sample. */
    synchronized void add(Instant now, Snapshot snapshot) {
        newest = (newest + 1) % STEPS;
        times[newest] = now;
        gpus.values().forEach(gpu -> gpu.clear(newest));
        for (GpuUsage gpu : snapshot.gpus()) {
            if (gpu.state() instanceof GpuState.Live live) {
                gpus.computeIfAbsent(GpuKey.of(gpu.identity()), unused -> new Gpu())
                        .add(newest, live);
            }
        }
        gpus.values().removeIf(Gpu::isEmpty);
    }

    synchronized String json() {
        int[] order = IntStream.rangeClosed(1, STEPS)
                .map(step -> (newest + step) % STEPS)
                .filter(step -> times[step] != null)
                .toArray();
        return UsageJson.write(UsageJson.object(
                "step_seconds",
                STEP.toSeconds(),
                "times",
                Arrays.stream(order)
                        .mapToObj(step -> String.valueOf(times[step]))
                        .toList(),
                "gpus",
                gpus.entrySet().stream()
                        .map(gpu -> gpu.getValue().json(gpu.getKey(), order))
                        .toList()));
    }

    private static double[] unknown() {
        double[] values = new double[STEPS];
        Arrays.fill(values, Double.NaN);
        return values;
    }

    /** The steps of one GPU; NaN where nothing is known. */
    private static final class Gpu {

        private final double[] used = unknown();
        private final double[] held = unknown();
        private final double[] utilization = unknown();
        private final double[] power = unknown();
        private final Map<Name, double[]> largest = new LinkedHashMap<>();

        void clear(int step) {
            all().forEach(values -> values[step] = Double.NaN);
            largest.values().removeIf(Gpu::isUnknown);
        }

        boolean isEmpty() {
            return all().allMatch(Gpu::isUnknown);
        }

        private Stream<double[]> all() {
            return Stream.concat(Stream.of(used, held, utilization, power), largest.values().stream());
        }

        private static boolean isUnknown(double[] values) {
            return Arrays.stream(values).allMatch(Double::isNaN);
        }

        void add(int step, GpuState.Live live) {
            GpuMemory memory = live.sample().memory();
            used[step] = memory == null ? Double.NaN : memory.usedBytes();
            utilization[step] = reading(live, DeviceMetric.UTILIZATION);
            power[step] = reading(live, DeviceMetric.POWER);
            if (live.attribution().processListUp()) {
                add(step, live.attribution().workloads());
            }
        }

        private static double reading(GpuState.Live live, DeviceMetric metric) {
            return live.sample().readings().stream()
                    .filter(reading -> reading.metric() == metric)
                    .mapToDouble(reading -> reading.value())
                    .findFirst()
                    .orElse(Double.NaN);
        }

        private void add(int step, List<WorkloadUsage> workloads) {
            Map<Name, Double> now = workloads.stream()
                    .filter(usage -> usage.memoryBytes().isPresent())
                    .collect(groupingBy(
                            Name::of, summingDouble(usage -> usage.memoryBytes().getAsLong())));
            held[step] = now.values().stream().mapToDouble(bytes -> bytes).sum();
            now.entrySet().stream()
                    .sorted(Map.Entry.<Name, Double>comparingByValue().reversed())
                    .limit(LARGEST)
                    .filter(entry -> !largest.containsKey(entry.getKey()))
                    .toList()
                    .forEach(entry -> enter(entry.getKey(), now));
            largest.forEach((name, values) -> values[step] = now.getOrDefault(name, Double.NaN));
        }

        /** A workload that is among the largest now takes the place of the one that is the smallest. */
        private void enter(Name name, Map<Name, Double> now) {
            if (largest.size() == LARGEST) {
                largest.keySet().stream()
                        .min(Comparator.comparingDouble(known -> now.getOrDefault(known, 0.0)))
                        .ifPresent(largest::remove);
            }
            largest.put(name, unknown());
        }

        Map<String, @Nullable Object> json(GpuKey gpu, int[] order) {
            return UsageJson.object(
                    "gpu", gpu.index(),
                    "uuid", gpu.uuid(),
                    "used_bytes", bytes(used, order),
                    "utilization_ratio", numbers(utilization, order),
                    "power_watts", numbers(power, order),
                    "workloads",
                            largest.entrySet().stream()
                                    .map(entry -> workload(entry.getKey(), bytes(entry.getValue(), order)))
                                    .toList(),
                    "others_bytes", bytes(others(), order),
                    "unattributed_bytes", bytes(unattributed(), order));
        }

        private static Map<String, @Nullable Object> workload(Name name, List<@Nullable Long> bytes) {
            return UsageJson.object(
                    "mig", name.mig(), "kind", name.kind(), "workload", name.workload(), "memory_bytes", bytes);
        }

        private double[] others() {
            return IntStream.range(0, STEPS)
                    .mapToDouble(step -> held[step]
                            - largest.values().stream()
                                    .mapToDouble(values -> values[step])
                                    .filter(bytes -> !Double.isNaN(bytes))
                                    .sum())
                    .toArray();
        }

        private double[] unattributed() {
            return IntStream.range(0, STEPS)
                    .mapToDouble(step -> used[step] - held[step])
                    .toArray();
        }

        private static List<@Nullable Long> bytes(double[] values, int[] order) {
            return numbers(values, order).stream()
                    .map(value -> value == null ? null : Long.valueOf(value.longValue()))
                    .toList();
        }

        private static List<@Nullable Double> numbers(double[] values, int[] order) {
            return Arrays.stream(order)
                    .mapToObj(step -> Double.isNaN(values[step]) ? null : Double.valueOf(values[step]))
                    .toList();
        }
    }
}
