/** GPUs as NVIDIA's management library tells of them. {@link io.gpuagent.nvml.NvmlBackend} is the way in. */
@NullMarked
package io.gpuagent.nvml;

import org.jspecify.annotations.NullMarked;
