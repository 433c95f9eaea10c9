package io.gpuagent.device;

import java.util.Map;

/**
 * The attributes of a GPU that do not change while it is in the machine.
 *
 * @param index NVML's index. It may change at a reboot, and differs from the minor number and from CUDA's index
 * @param uuid {@code GPU-…}; empty if the GPU never reported it
 * @param model the product name, such as {@code NVIDIA H100 80GB HBM3}; empty if unknown
 * @param pciBusId {@code domain:bus:device.function} as NVML writes it ({@code 00000000:3B:00.0}); empty if unknown
 * @param details the known details
 */
public record GpuIdentity(int index, String uuid, String model, String pciBusId, Map<GpuDetail, String> details) {

    public GpuIdentity {
        details = Map.copyOf(details);
    }

    /** Creates an identity without details. */
    public GpuIdentity(int index, String uuid, String model, String pciBusId) {
        this(index, uuid, model, pciBusId, Map.of());
    }
}
