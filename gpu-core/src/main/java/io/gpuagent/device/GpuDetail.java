package io.gpuagent.device;

import java.util.Locale;

/** A constant property of a GPU, shown as a label of {@code gpu_info}. */
public enum GpuDetail {
    VBIOS_VERSION,
    /** Version of the InfoROM image. The InfoROM is the card's store for its configuration and error history. */
    INFOROM_VERSION,
    /** The newest CUDA version that the driver supports, such as {@code 13.0}. All GPUs of a node have the same. */
    CUDA_VERSION,
    /** CUDA compute capability, such as {@code 9.0}. */
    COMPUTE_CAPABILITY,
    /** How the GPU addresses host memory: {@code hmm}, {@code ats} or {@code none}. */
    ADDRESSING_MODE;

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
