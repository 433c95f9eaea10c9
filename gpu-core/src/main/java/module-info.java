/**
 * Samples the GPUs of a node and attributes their use to workloads. It has no runtime dependency. Begin with {@link
 * io.gpuagent.usage.Sampler}: it samples a {@link io.gpuagent.device.GpuBackend} and returns the newest {@link
 * io.gpuagent.usage.Snapshot}. {@link io.gpuagent.simulation.Simulation} simulates a node, for machines without a GPU.
 */
@SuppressWarnings("module") // The other modules are not present when this one is compiled.
module io.gpuagent.core {
    requires static transitive org.jspecify;

    exports io.gpuagent.device;
    exports io.gpuagent.process;
    exports io.gpuagent.simulation;
    exports io.gpuagent.usage;
    exports io.gpuagent.workload;
    exports io.gpuagent.cgroup to
            io.gpuagent.agent;
    exports io.gpuagent.platform to
            io.gpuagent.agent,
            io.gpuagent.nvml;
    exports io.gpuagent.retry to
            io.gpuagent.agent,
            io.gpuagent.nvml;
}
