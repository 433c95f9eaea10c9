package io.gpuagent.usage;

import io.gpuagent.device.BackendUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * The state of the backend after its last enumeration.
 *
 * @param name {@code nvml} or {@code simulated}
 * @param up whether the driver is initialized and the last enumeration succeeded
 * @param known false before the first enumeration has finished
 * @param driverVersion the last known version; empty if it was never known
 * @param problem why the backend is not up; null if it is up or if its state is not known yet
 * @param message a description of the problem for the operator; empty if there is none
 */
public record BackendState(
        String name,
        boolean up,
        boolean known,
        String driverVersion,
        BackendUnavailableException.@Nullable Reason problem,
        String message) {

    static BackendState unknown(String name) {
        return new BackendState(name, false, false, "", null, "");
    }

    /** Returns this state with the driver version of an earlier one. */
    BackendState withVersionOf(BackendState before) {
        return new BackendState(name, up, known, before.driverVersion, problem, message);
    }
}
