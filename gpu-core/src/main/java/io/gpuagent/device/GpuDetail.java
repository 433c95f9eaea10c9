package io.gpuagent.device;

import java.util.Locale;

/** A text that is constant of a GPU: a label of {@code gpu_info}. */
public enum GpuDetail {
    VBIOS_VERSION,
    /** Of the image in the card's own store of what it is and what errors it had. */
    INFOROM_VERSION,
    /** The newest CUDA that the driver can do, such as {@code 13.0}; of the node rather than of the GPU. */
    CUDA_VERSION,
    /** Of CUDA, such as {@code 9.0}. */
    COMPUTE_CAPABILITY,
    /** How the GPU reaches the host's own memory: {@code hmm}, {@code ats} or {@code none}. */
    ADDRESSING_MODE;

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
