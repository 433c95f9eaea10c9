package io.gpuagent.agent.metrics;

import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.MigInstance;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The metric families of MIG instances. They break down the figures of a board and must not be added to them. */
final class MigFamilies {

    private static final LabelledItems<MigInstance> INSTANCES =
            BoardFamilies.LIVE.each(live -> live.sample().instances().stream());

    /** The compute instances of a GPU instance share its memory. They have equal labels here, so that the GPU instance has a single series. */
    private static final LabelledItems<MigInstance> GPU_INSTANCES = INSTANCES.with(
            List.of("gi", "profile"),
            instance -> List.of(Integer.toString(instance.gpuInstance()), instance.gpuInstanceProfile()));

    private static final List<Family> ALL = List.of(
            INSTANCES
                    .with(
                            List.of("mig", "gi", "profile", "mig_uuid"),
                            instance -> List.of(
                                    instance.mig(),
                                    Integer.toString(instance.gpuInstance()),
                                    instance.profile(),
                                    instance.uuid()))
                    .info(
                            "gpu_mig_info",
                            "MIG instance, whether used or not. Value is always 1. mig: GPU instance and compute instance, as in workload"
                                    + " series; gi: GPU instance; profile: as in nvidia-smi -L. After a reconfiguration the same numbers"
                                    + " denote another instance, with another mig_uuid."),
            memory("total", "Memory of the GPU instance, in bytes", GpuMemory::totalBytes),
            memory("used", "Memory in use on the GPU instance, in bytes", GpuMemory::usedBytes),
            memory("free", "Allocatable memory of the GPU instance, in bytes", GpuMemory::freeBytes),
            memory(
                    "reserved",
                    "Memory reserved by the driver on the GPU instance, in bytes",
                    GpuMemory::reservedBytes));

    private MigFamilies() {}

    static Stream<Family> all() {
        return ALL.stream();
    }

    private static Family memory(String part, String help, Function<GpuMemory, @Nullable Long> bytes) {
        return GPU_INSTANCES.gauge(
                "gpu_mig_memory_" + part + "_bytes",
                help + ". Shared by its compute instances. Included in the board's figure; do not add the two.",
                instance -> instance.memory() == null ? null : bytes.apply(instance.memory()));
    }
}
