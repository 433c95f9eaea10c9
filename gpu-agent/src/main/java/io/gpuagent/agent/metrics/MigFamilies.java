package io.gpuagent.agent.metrics;

import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.MigInstance;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The families of MIG instances. They break board figures down, and are never to be added to them. */
final class MigFamilies {

    private static final Scope<MigInstance> INSTANCES =
            BoardFamilies.LIVE.each(live -> live.sample().instances().stream());

    /** The compute instances of a GPU instance tell the same, and are alike by their labels: one line is left. */
    private static final Scope<MigInstance> GPU_INSTANCES = INSTANCES.with(
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
                            "A MIG instance, used or not; 1. mig: GPU instance and compute instance, as workloads have it; gi: the GPU instance;"
                                    + " profile: as nvidia-smi -L has it. After a reconfiguration the same numbers are another instance, with"
                                    + " another mig_uuid."),
            memory("total", "Memory of the GPU instance in bytes", GpuMemory::totalBytes),
            memory("used", "Memory in use on the GPU instance in bytes", GpuMemory::usedBytes),
            memory("free", "Memory that can be allocated on the GPU instance, in bytes", GpuMemory::freeBytes),
            memory("reserved", "The driver's reserve on the GPU instance in bytes", GpuMemory::reservedBytes));

    private MigFamilies() {}

    static Stream<Family> all() {
        return ALL.stream();
    }

    private static Family memory(String part, String help, Function<GpuMemory, @Nullable Long> bytes) {
        return GPU_INSTANCES.gauge(
                "gpu_mig_memory_" + part + "_bytes",
                help + "; its compute instances share it. A part of the board's, not to be added to it.",
                instance -> instance.memory() == null ? null : bytes.apply(instance.memory()));
    }
}
