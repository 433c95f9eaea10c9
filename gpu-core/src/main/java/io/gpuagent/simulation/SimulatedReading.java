package io.gpuagent.simulation;

import io.gpuagent.device.DeviceMetric;

/** A reading that a scenario can give a device: its key, how many of the metric's units one of the key's is, and NVML's call for it. */
enum SimulatedReading {
    UTILIZATION("util", DeviceMetric.UTILIZATION, 0.01, "nvmlDeviceGetUtilizationRates"),
    MEMORY_UTILIZATION("mem_util", DeviceMetric.MEMORY_UTILIZATION, 0.01, "nvmlDeviceGetUtilizationRates"),
    TEMPERATURE("temp", DeviceMetric.TEMPERATURE, 1, "nvmlDeviceGetTemperature"),
    POWER("power", DeviceMetric.POWER, 1, "nvmlDeviceGetPowerUsage"),
    POWER_LIMIT("power_limit", DeviceMetric.POWER_LIMIT, 1, "nvmlDeviceGetEnforcedPowerLimit");

    private final String key;
    private final DeviceMetric metric;
    private final double unit;
    private final String function;

    SimulatedReading(String key, DeviceMetric metric, double unit, String function) {
        this.key = key;
        this.metric = metric;
        this.unit = unit;
        this.function = function;
    }

    String key() {
        return key;
    }

    DeviceMetric metric() {
        return metric;
    }

    /** The call whose faults take the reading away. */
    String function() {
        return function;
    }

    Quantity inMetricUnits(Quantity value) {
        return new Quantity(value.from() * unit, value.to() * unit, value.period());
    }
}
