package io.gpuagent.agent;

import io.gpuagent.agent.metrics.GpuCollector;
import io.gpuagent.nvml.NvmlBackend;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.Sampler;
import io.gpuagent.usage.WorkloadUsage;
import io.prometheus.client.CollectorRegistry;
import java.time.Duration;

/** The README's examples for embedding: the lines is the markers are the README's, character for character. */
final class EmbeddingExample {

    private EmbeddingExample() {}

    public static void main(String[] args) throws Exception {
        snapshot();
        collector(CollectorRegistry.defaultRegistry);
    }

    private static void snapshot() throws InterruptedException {
        // embed-snapshot:begin
        try (Sampler sampler = Sampler.of(new NvmlBackend()).start()) {
            for (GpuUsage gpu : sampler.await(Duration.ofSeconds(60)).gpus()) {
                if (gpu.state() instanceof GpuState.Live live) {
                    for (WorkloadUsage usage : live.attribution().workloads()) {
                        System.out.println(usage.labels().workload() + " " + usage.memoryBytes());
                    }
                }
            }
        }
        // embed-snapshot:end
    }

    private static void collector(CollectorRegistry registry) throws InterruptedException {
        Sampler sampler = Sampler.of(new NvmlBackend()).start();
        sampler.await(Duration.ofSeconds(60));
        // embed-collector:begin
        new GpuCollector(sampler::current).register(registry);
        // embed-collector:end
        System.out.println(registry.getSampleValue("gpu_agent_up"));
        sampler.close();
    }
}
