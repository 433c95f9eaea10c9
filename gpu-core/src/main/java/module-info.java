/** Devices, workloads, attribution and snapshots of a GPU node; no runtime dependency. */
@SuppressWarnings("module") // The other modules are not present when this one is compiled.
module io.gpuagent.core {
    requires static transitive org.jspecify;

    exports io.gpuagent.cgroup;
    exports io.gpuagent.device;
    exports io.gpuagent.process;
    exports io.gpuagent.simulation;
    exports io.gpuagent.usage;
    exports io.gpuagent.workload;

    exports io.gpuagent.retry to
            io.gpuagent.agent,
            io.gpuagent.nvml;
}
