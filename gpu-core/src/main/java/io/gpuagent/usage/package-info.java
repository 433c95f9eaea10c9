/**
 * Samples GPUs, attributes their use to workloads and keeps accounts; the result is an immutable snapshot. Embedders
 * begin here: {@link io.gpuagent.usage.Sampler} samples a {@link io.gpuagent.device.GpuBackend} and returns a {@link
 * io.gpuagent.usage.Snapshot}.
 */
@NullMarked
package io.gpuagent.usage;

import org.jspecify.annotations.NullMarked;
