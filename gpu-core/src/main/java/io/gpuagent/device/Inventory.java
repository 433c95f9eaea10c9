package io.gpuagent.device;

import java.util.List;

/**
 * All GPUs that a backend lists at one moment.
 *
 * @param driverVersion such as {@code 580.95.05}; empty where unknown
 */
public record Inventory(String driverVersion, List<Gpu> gpus) {

    public Inventory {
        gpus = List.copyOf(gpus);
    }
}
