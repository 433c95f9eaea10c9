package io.gpuagent.usage;

import io.gpuagent.workload.Resolution;
import java.lang.System.Logger.Level;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Logs changes between snapshots. A change of the backend's or of a GPU's state is logged once, and so is each reason
 * for unresolved processes.
 */
final class StateLog {

    private final System.Logger out;
    private final Map<String, String> gpus = new HashMap<>();
    private final Set<Resolution.Reason> logged = EnumSet.of(Resolution.Reason.EXITED);
    private String backend = "";

    StateLog(System.Logger out) {
        this.out = out;
    }

    void report(Snapshot snapshot) {
        reportStates(snapshot);
        snapshot.unresolved().forEach((reason, count) -> {
            // Log each reason once: processes come and go, but the reason persists.
            if (count > 0 && logged.add(reason)) {
                out.log(Level.WARNING, "processes on GPUs cannot be attributed: " + reason.text());
            }
        });
    }

    private void reportStates(Snapshot snapshot) {
        String now = describe(snapshot.backend());
        if (!now.equals(backend)) {
            out.log(snapshot.backend().up() ? Level.INFO : Level.WARNING, now);
            backend = now;
        }
        for (GpuUsage usage : snapshot.gpus()) {
            String name =
                    "GPU " + usage.identity().index() + " " + usage.identity().uuid();
            String state = describe(usage.state());
            String before = gpus.put(name, state);
            if (!state.equals(before)) {
                out.log(isHealthy(usage.state()) ? Level.INFO : Level.WARNING, name + ": " + state);
            }
        }
    }

    private static boolean isHealthy(GpuState state) {
        return state instanceof GpuState.Live || state instanceof GpuState.Starting;
    }

    private static String describe(BackendState state) {
        return state.up()
                ? state.name() + " is up, driver " + state.driverVersion()
                : state.name() + " is not up: " + state.message();
    }

    private static String describe(GpuState state) {
        if (state instanceof GpuState.Stalled stalled) {
            return "no response from " + stalled.function() + " since " + stalled.since();
        }
        if (state instanceof GpuState.Lost lost) {
            return "cannot be read: " + lost.fault();
        }
        return state instanceof GpuState.Live ? "can be read" : "found";
    }
}
