package io.gpuagent.device;

import java.util.List;

/**
 * The GPUs of a node at one instant.
 *
 * @param driverVersion the version of the driver, such as {@code 580.95.05}; empty if unknown
 */
public record Inventory(String driverVersion, List<Gpu> gpus) {

    public Inventory {
        gpus = List.copyOf(gpus);
    }
}
