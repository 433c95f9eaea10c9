package io.gpuagent.testing;

import io.gpuagent.device.GpuBackend;

/** Creates backends that play scenarios. */
public interface ScenarioPlayer {

    /** Creates a backend that plays a scenario from its start. */
    GpuBackend backend(String scenario);

    /** Replaces the scenario of the backend created last. */
    void change(String scenario);
}
