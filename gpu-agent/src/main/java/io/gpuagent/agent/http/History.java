package io.gpuagent.agent.http;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summingDouble;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.usage.WorkloadUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.DoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Memory, utilization and power of each GPU in the last 15 minutes, as JSON with the schema {@code history.schema.json}. A GPU takes about
 * 10 KB regardless of its number of workloads, because only the largest are kept separately. Thread-safe.
 */
final class History {

    /** The time between two recorded samples. */
    static final Duration STEP = Duration.ofSeconds(10);

    private static final int STEPS = 90;
    private static final int NEWEST = STEPS - 1;
    private static final int LARGEST = 8;

    private final Deque<Instant> times = new ArrayDeque<>();
    private final Map<GpuKey, Gpu> gpus =
            new TreeMap<>(Comparator.comparingInt(GpuKey::index).thenComparing(GpuKey::uuid));

    private record GpuKey(int index, String uuid) {}

    private record Name(String mig, String kind, String workload) {

        static Name of(WorkloadUsage usage) {
            return new Name(usage.mig(), usage.labels().kind(), usage.labels().workload());
        }
    }

    /** Records a snapshot in place of the oldest step. A value that a GPU does not report is a gap, as is a step without a fresh sample. */
    synchronized void add(Instant now, Snapshot snapshot) {
        if (times.size() == STEPS) {
            times.removeFirst();
        }
        times.addLast(now);
        gpus.values().forEach(Gpu::step);
        for (GpuUsage gpu : snapshot.gpus()) {
            if (gpu.state() instanceof GpuState.Live live) {
                GpuKey key = new GpuKey(gpu.identity().index(), gpu.identity().uuid());
                gpus.computeIfAbsent(key, unused -> new Gpu()).add(live);
            }
        }
        gpus.values().removeIf(Gpu::isEmpty);
    }

    synchronized String json() {
        return UsageJson.write(UsageJson.object(
                "step_seconds",
                STEP.toSeconds(),
                "times",
                times.stream().map(Instant::toString).toList(),
                "gpus",
                gpus.entrySet().stream()
                        .map(gpu -> gpu.getValue().json(gpu.getKey(), times.size()))
                        .toList()));
    }

    /** The steps of one GPU, oldest first; NaN for unknown values. */
    private static final class Gpu {

        private final double[] used = unknown();
        private final double[] held = unknown();
        private final double[] utilization = unknown();
        private final double[] power = unknown();
        private final Map<Name, double[]> largest = new LinkedHashMap<>();

        private static double[] unknown() {
            double[] values = new double[STEPS];
            Arrays.fill(values, Double.NaN);
            return values;
        }

        private static boolean isUnknown(double[] values) {
            return Arrays.stream(values).allMatch(Double::isNaN);
        }

        private Stream<double[]> all() {
            return Stream.concat(Stream.of(used, held, utilization, power), largest.values().stream());
        }

        boolean isEmpty() {
            return all().allMatch(Gpu::isUnknown);
        }

        void step() {
            all().forEach(values -> {
                System.arraycopy(values, 1, values, 0, NEWEST);
                values[NEWEST] = Double.NaN;
            });
            largest.values().removeIf(Gpu::isUnknown);
        }

        void add(GpuState.Live live) {
            GpuMemory memory = live.sample().memory();
            used[NEWEST] = memory == null ? Double.NaN : memory.usedBytes();
            utilization[NEWEST] = reading(live, DeviceMetric.UTILIZATION);
            power[NEWEST] = reading(live, DeviceMetric.POWER);
            if (live.attribution().processListUp()) {
                add(live.attribution().workloads());
            }
        }

        private static double reading(GpuState.Live live, DeviceMetric metric) {
            return live.sample().readings().stream()
                    .filter(reading -> reading.metric() == metric)
                    .mapToDouble(reading -> reading.value())
                    .findFirst()
                    .orElse(Double.NaN);
        }

        private void add(List<WorkloadUsage> workloads) {
            Map<Name, Double> now = workloads.stream()
                    .filter(usage -> usage.memoryBytes() != null)
                    .collect(groupingBy(
                            Name::of, summingDouble(usage -> Objects.requireNonNullElse(usage.memoryBytes(), 0L))));
            held[NEWEST] = now.values().stream().mapToDouble(bytes -> bytes).sum();
            now.entrySet().stream()
                    .sorted(Map.Entry.<Name, Double>comparingByValue().reversed())
                    .limit(LARGEST)
                    .filter(entry -> !largest.containsKey(entry.getKey()))
                    .toList()
                    .forEach(entry -> enter(entry.getKey(), now));
            largest.forEach((name, values) -> values[NEWEST] = now.getOrDefault(name, Double.NaN));
        }

        /** Adds a workload that is among the largest now, in place of the smallest one. */
        private void enter(Name name, Map<Name, Double> now) {
            if (largest.size() == LARGEST) {
                largest.keySet().stream()
                        .min(Comparator.comparingDouble(known -> now.getOrDefault(known, 0.0)))
                        .ifPresent(largest::remove);
            }
            largest.put(name, unknown());
        }

        Map<String, @Nullable Object> json(GpuKey gpu, int steps) {
            return UsageJson.object(
                    "gpu", gpu.index(),
                    "uuid", gpu.uuid(),
                    "used_bytes", bytes(used, steps),
                    "utilization_ratio", numbers(utilization, steps, value -> value),
                    "power_watts", numbers(power, steps, value -> value),
                    "workloads",
                            largest.entrySet().stream()
                                    .map(entry -> workload(entry.getKey(), bytes(entry.getValue(), steps)))
                                    .toList(),
                    "others_bytes", bytes(others(), steps),
                    "unattributed_bytes", bytes(unattributed(), steps));
        }

        private static Map<String, @Nullable Object> workload(Name name, List<@Nullable Number> bytes) {
            return UsageJson.object(
                    "mig", name.mig(), "kind", name.kind(), "workload", name.workload(), "memory_bytes", bytes);
        }

        private double[] others() {
            double[] rest = held.clone();
            for (double[] values : largest.values()) {
                Arrays.setAll(rest, step -> Double.isNaN(values[step]) ? rest[step] : rest[step] - values[step]);
            }
            return rest;
        }

        private double[] unattributed() {
            double[] rest = used.clone();
            Arrays.setAll(rest, step -> used[step] - held[step]);
            return rest;
        }

        private static List<@Nullable Number> bytes(double[] values, int steps) {
            return numbers(values, steps, value -> (long) value);
        }

        private static List<@Nullable Number> numbers(double[] values, int steps, DoubleFunction<Number> shown) {
            return Arrays.stream(values, STEPS - steps, STEPS)
                    .mapToObj(value -> Double.isNaN(value) ? null : shown.apply(value))
                    .toList();
        }
    }
}
