/** Reads GPUs through NVIDIA's management library (NVML). {@link io.gpuagent.nvml.NvmlBackend} is the entry point. */
@NullMarked
package io.gpuagent.nvml;

import org.jspecify.annotations.NullMarked;
