package example;

import io.gpuagent.device.GpuMemory;
import io.gpuagent.nvml.NvmlBackend;
import io.gpuagent.simulation.Simulation;
import io.gpuagent.usage.Attribution;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.Sampler;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.usage.WorkloadUsage;
import io.gpuagent.workload.WorkloadResolver;
import java.nio.file.Path;
import java.time.Duration;

/** Prints which workload holds how much memory of which GPU: of this node, or of a simulated one if a scenario file is named. */
public final class MemoryByWorkload {

    public static void main(String[] args) throws Exception {
        Snapshot snapshot;
        try (Sampler sampler = args.length == 0 ? thisNode() : simulated(Path.of(args[0]))) {
            snapshot = sampler.await(Duration.ofSeconds(60));
        }
        if (!snapshot.backend().up()) {
            String reason = snapshot.backend().message();
            System.err.println("No GPU can be read: " + (reason.isEmpty() ? "the driver does not answer" : reason));
            System.exit(1);
        }
        snapshot.gpus().forEach(MemoryByWorkload::print);
    }

    private static Sampler thisNode() {
        return Sampler.of(new NvmlBackend()).start();
    }

    private static Sampler simulated(Path scenario) throws Exception {
        Simulation node = Simulation.of(scenario);
        return Sampler.of(node.backend())
                .workloads(new WorkloadResolver(node.processes()))
                .directory(node.directory())
                .start();
    }

    private static void print(GpuUsage gpu) {
        System.out.println("GPU " + gpu.identity().index() + ", " + gpu.identity().model());
        if (gpu.state() instanceof GpuState.Live live) {
            Attribution attribution = live.attribution();
            for (WorkloadUsage usage : attribution.workloads()) {
                // The driver may list a process without reporting its memory.
                row(usage.labels().kind(), usage.labels().workload(), usage.memoryBytes());
            }
            row("", "unattributed", attribution.unattributedBytes());
            GpuMemory memory = live.sample().memory();
            row("", "in use", memory == null ? null : memory.usedBytes());
        } else {
            System.out.println("  does not answer: " + gpu.state());
        }
    }

    private static void row(String kind, String name, Long bytes) {
        String size = bytes == null ? "unknown" : "%,d MiB".formatted(bytes >> 20);
        System.out.printf("  %-10s %-32s %12s%n", kind, name, size);
    }
}
