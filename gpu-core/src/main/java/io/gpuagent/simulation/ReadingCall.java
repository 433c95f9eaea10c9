package io.gpuagent.simulation;

import io.gpuagent.device.DeviceMetric;

/** The call that NVML answers each reading by, so that a fault of the call takes the reading away. */
enum ReadingCall {
    UTILIZATION("nvmlDeviceGetUtilizationRates", DeviceMetric.UTILIZATION, DeviceMetric.MEMORY_UTILIZATION),
    TEMPERATURE("nvmlDeviceGetTemperature", DeviceMetric.TEMPERATURE),
    POWER("nvmlDeviceGetPowerUsage", DeviceMetric.POWER),
    POWER_LIMIT("nvmlDeviceGetEnforcedPowerLimit", DeviceMetric.POWER_LIMIT);

    private final String function;
    private final DeviceMetric[] metrics;

    ReadingCall(String function, DeviceMetric... metrics) {
        this.function = function;
        this.metrics = metrics;
    }

    String function() {
        return function;
    }

    DeviceMetric[] metrics() {
        return metrics.clone();
    }
}
