package io.gpuagent.testing;

import io.gpuagent.device.GpuBackend;

/** A node that plays scenarios. */
public interface ScenarioPlayer {

    /** A backend on the node, which plays this scenario from its beginning. */
    GpuBackend backend(String scenario);

    /** Has the backend given out last play another scenario from now on. */
    void change(String scenario);
}
