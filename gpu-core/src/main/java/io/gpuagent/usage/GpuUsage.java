package io.gpuagent.usage;

import io.gpuagent.device.GpuIdentity;

/** A GPU of a snapshot. */
public record GpuUsage(GpuIdentity identity, GpuState state) {}
