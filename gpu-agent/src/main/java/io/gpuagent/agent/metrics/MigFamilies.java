package io.gpuagent.agent.metrics;

import io.gpuagent.agent.metrics.Family.Row;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.MigInstance;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.Snapshot;
import io.prometheus.client.Collector.Type;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The families of MIG instances. They break board figures down, and are never to be added to them. */
final class MigFamilies {

    private static final List<Family> ALL = List.of(
            Family.of(
                    "gpu_mig_info",
                    Type.INFO,
                    "A MIG instance, used or not; 1. mig: GPU instance and compute instance, as workloads have it; gi: the GPU instance;"
                            + " profile: as nvidia-smi -L has it. After a reconfiguration the same numbers are another instance, with"
                            + " another mig_uuid.",
                    List.of("gpu", "uuid", "mig", "gi", "profile", "mig_uuid"),
                    snapshot -> placed(snapshot)
                            .map(placed -> Row.of(
                                    1,
                                    BoardFamilies.labels(placed.gpu()),
                                    placed.instance().mig(),
                                    Integer.toString(placed.instance().gpuInstance()),
                                    placed.instance().profile(),
                                    placed.instance().uuid()))),
            memory("total", "Memory of the GPU instance in bytes", GpuMemory::totalBytes),
            memory("used", "Memory in use on the GPU instance in bytes", GpuMemory::usedBytes),
            memory("free", "Memory that can be allocated on the GPU instance, in bytes", GpuMemory::freeBytes),
            memory("reserved", "The driver's reserve on the GPU instance in bytes", GpuMemory::reservedBytes));

    private record Placed(GpuUsage gpu, MigInstance instance) {}

    private MigFamilies() {}

    static Stream<Family> all() {
        return ALL.stream();
    }

    /** The compute instances of a GPU instance tell the same, and are alike by their labels: one row is left. */
    private static Family memory(String part, String help, Function<GpuMemory, @Nullable Long> bytes) {
        return Family.of(
                "gpu_mig_memory_" + part + "_bytes",
                Type.GAUGE,
                help + "; its compute instances share it. A part of the board's, not to be added to it.",
                List.of("gpu", "uuid", "gi", "profile"),
                snapshot -> placed(snapshot).flatMap(placed -> {
                    MigInstance instance = placed.instance();
                    Long value = instance.memory() == null ? null : bytes.apply(instance.memory());
                    return value == null
                            ? Stream.of()
                            : Stream.of(Row.of(
                                    value,
                                    BoardFamilies.labels(placed.gpu()),
                                    Integer.toString(instance.gpuInstance()),
                                    instance.gpuInstanceProfile()));
                }));
    }

    private static Stream<Placed> placed(Snapshot snapshot) {
        return snapshot.gpus().stream()
                .flatMap(gpu -> BoardFamilies.live(gpu)
                        .flatMap(live -> live.sample().instances().stream())
                        .map(instance -> new Placed(gpu, instance)));
    }
}
