package io.gpuagent.device;

import java.util.Locale;

/** A part of a GPU that each process keeps busy for a share of the time; in the order in which NVML's samples tell of them. */
public enum Engine {
    /** The multiprocessors: a kernel ran. */
    SM,
    /** The memory was read or written. */
    MEMORY,
    ENCODER,
    DECODER;

    /** The part's name as metrics have it, such as {@code sm}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
