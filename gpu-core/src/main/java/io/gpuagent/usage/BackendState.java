package io.gpuagent.usage;

import io.gpuagent.device.BackendUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * How the backend is doing.
 *
 * @param name {@code nvml} or {@code simulated}
 * @param up whether the driver is initialised and the last enumeration succeeded
 * @param known whether there is a verdict at all: false before the first enumeration ended
 * @param driverVersion as last known; empty if it never was
 * @param problem why it is not up; null if it is, or if there is no verdict
 * @param message the problem for an operator; empty if there is none
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

    /** This state with the driver's version as it was last known. */
    BackendState withVersionOf(BackendState before) {
        return new BackendState(name, up, known, before.driverVersion, problem, message);
    }
}
