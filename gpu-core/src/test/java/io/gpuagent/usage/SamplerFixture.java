package io.gpuagent.usage;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.simulation.Simulation;
import io.gpuagent.workload.WorkloadResolver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.io.TempDir;

/** Provides a sampler of a simulated node, and accessors for its snapshots. */
abstract class SamplerFixture {

    static final String FOUR_GPUS = """
            driver version=580.95.05
            device 0 uuid=GPU-0 mem_total=10G mem_other=1M
            device 1 uuid=GPU-1 mem_total=10G mem_other=1M
            device 2 uuid=GPU-2 mem_total=10G mem_other=1M
            device 3 uuid=GPU-3 mem_total=10G mem_other=1M
            proc 0 pid=100 mem=1G..2G/20s cgroup=/system.slice/a.service
            proc 1 pid=101 mem=1G cgroup=/system.slice/b.service
            proc 2 pid=102 mem=1G cgroup=/system.slice/c.service
            proc 3 pid=103 mem=1G
            """;

    @TempDir
    Path directory;

    static long errors(Snapshot snapshot, int index) {
        return snapshot.gpus().get(index).xids().stream()
                .mapToLong(XidCount::count)
                .sum();
    }

    static long threads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .count();
    }

    static void awaitTrue(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 2000 && !condition.getAsBoolean(); i++) {
            Thread.sleep(5);
        }
        assertTrue(condition.getAsBoolean());
    }

    static long total(Snapshot snapshot, int index) {
        return state(snapshot, index) instanceof GpuState.Live live
                        && live.sample().memory() != null
                ? live.sample().memory().totalBytes()
                : -1;
    }

    /** Replaces the scenario atomically, so that no sample reads half of it. */
    Path write(String scenario) throws Exception {
        Path next = Files.writeString(directory.resolve("next"), scenario);
        return Files.move(next, directory.resolve("node.scenario"), StandardCopyOption.ATOMIC_MOVE);
    }

    static Sampler sampler(Path file) throws Exception {
        return sampler(file, Duration.ofMillis(100));
    }

    static Sampler sampler(Path file, Duration interval) throws Exception {
        Simulation node = Simulation.of(file);
        return Sampler.of(node.backend())
                .workloads(new WorkloadResolver(node.processes()))
                .directory(node.directory())
                .interval(interval)
                .deadline(Duration.ofMillis(300))
                .start();
    }

    static Snapshot await(Sampler sampler, Predicate<Snapshot> condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (System.nanoTime() < end) {
            Snapshot snapshot = sampler.current();
            if (!snapshot.gpus().isEmpty() || snapshot.backend().known()) {
                if (condition.test(snapshot)) {
                    return snapshot;
                }
            }
            Thread.sleep(5);
        }
        throw new AssertionError("no such snapshot within 20 s; the last one is " + sampler.current());
    }

    static GpuState state(Snapshot snapshot, int index) {
        return snapshot.gpus().size() > index ? snapshot.gpus().get(index).state() : new GpuState.Starting();
    }

    static boolean live(Snapshot snapshot, int index) {
        return state(snapshot, index) instanceof GpuState.Live;
    }

    static boolean sampledSince(Snapshot snapshot, int index, Instant start) {
        return state(snapshot, index) instanceof GpuState.Live live
                && live.sampledAt().isAfter(start);
    }

    static Attribution attribution(Snapshot snapshot, int index) {
        return ((GpuState.Live) state(snapshot, index)).attribution();
    }
}
