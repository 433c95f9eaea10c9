package io.gpuagent.simulation;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.device.XidEvent;
import io.gpuagent.platform.DaemonThreads;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reports the Xids of a scenario to a listener, on a separate thread. It makes the same calls as the NVML backend, so
 * that their faults take effect.
 */
final class SimulatedEvents {

    private static final long STEP_MILLIS = 10;

    private final RunningScenario scenario;
    private final Consumer<XidEvent> listener;
    private final Consumer<CallFault> failed;
    private final Thread thread = DaemonThreads.of("simulated-events", this::run);

    /** The cycle in which a statement was last reported, by its values: a re-read file does not report it again. */
    private final Map<Map<String, Object>, Long> reported = new HashMap<>();

    private volatile Map<Integer, GpuIdentity> gpus = Map.of();
    private volatile boolean closed;

    SimulatedEvents(RunningScenario scenario, Consumer<XidEvent> listener, Consumer<CallFault> failed) {
        this.scenario = scenario;
        this.listener = listener;
        this.failed = failed;
        thread.start();
    }

    /** Sets the GPUs whose Xids are reported, by index. */
    void follow(Map<Integer, GpuIdentity> enumerated) {
        gpus = Map.copyOf(enumerated);
    }

    private void run() {
        try {
            while (!closed) {
                Thread.sleep(STEP_MILLIS);
                if (!gpus.isEmpty() && isSuccessful(Attribute.ALL, "nvmlEventSetWait")) {
                    report(scenario.now());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void report(RunningScenario.Moment moment) {
        Map<Integer, GpuIdentity> known = gpus;
        if (moment.driverCode() != ReturnCode.SUCCESS) {
            return;
        }
        long cycle = moment.scenario().finishedCycles(moment.time());
        for (Statement xid : moment.active(StatementType.XID)) {
            GpuIdentity gpu = known.get(xid.device());
            if (gpu != null
                    && isSuccessful(xid.device(), "nvmlDeviceRegisterEvents")
                    && !Objects.equals(reported.put(xid.values(), cycle), cycle)) {
                for (int i = 0; i < xid.get(Attribute.COUNT, 1); i++) {
                    listener.accept(
                            new XidEvent(gpu, xid.mig(), xid.get(Attribute.CODE, XidEvent.UNKNOWN), Instant.now()));
                }
            }
        }
    }

    private boolean isSuccessful(int device, String function) {
        Optional<CallFault> fault = scenario.call(device, function);
        fault.filter(failure -> !failure.code().equals(ReturnCode.name(ReturnCode.NOT_SUPPORTED)))
                .ifPresent(failed);
        return fault.isEmpty();
    }

    /** A call that hangs is abandoned. */
    void close() {
        closed = true;
        thread.interrupt();
    }
}
