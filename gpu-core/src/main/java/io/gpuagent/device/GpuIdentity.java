package io.gpuagent.device;

import java.util.Map;

/**
 * What does not change while a GPU is in the machine.
 *
 * @param index NVML's index: not stable across reboots, and neither the minor number nor CUDA's index
 * @param uuid {@code GPU-…}; empty where the GPU never told it
 * @param model the product name, such as {@code NVIDIA H100 80GB HBM3}; empty where unknown
 * @param pciBusId {@code domain:bus:device.function} as NVML writes it ({@code 00000000:3B:00.0}); empty where unknown
 * @param details those that are known
 */
public record GpuIdentity(int index, String uuid, String model, String pciBusId, Map<GpuDetail, String> details) {

    public GpuIdentity {
        details = Map.copyOf(details);
    }

    /** A GPU of which no details are known. */
    public GpuIdentity(int index, String uuid, String model, String pciBusId) {
        this(index, uuid, model, pciBusId, Map.of());
    }
}
