/**
 * Sampling, attribution to workloads, and the accounts; the result is an immutable snapshot. Embedders begin here: {@link
 * io.gpuagent.usage.Sampler} samples a {@link io.gpuagent.device.GpuBackend}, and {@link io.gpuagent.usage.Snapshot} is
 * what it returns.
 */
@NullMarked
package io.gpuagent.usage;

import org.jspecify.annotations.NullMarked;
