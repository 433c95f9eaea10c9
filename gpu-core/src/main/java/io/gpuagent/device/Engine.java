package io.gpuagent.device;

import java.util.Locale;

/** A part of a GPU whose utilization is reported per process. The order is that of the fields in NVML's samples. */
public enum Engine {
    /** The streaming multiprocessors: busy while a kernel runs. */
    SM,
    /** Device memory: busy while it is read or written. */
    MEMORY,
    ENCODER,
    DECODER;

    /** The name used in metric names, such as {@code sm}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
