package io.gpuagent.simulation;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.device.XidEvent;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** Tells the errors of a scenario as they happen, on a thread of its own. It makes the calls that NVML would be asked. */
final class SimulatedEvents {

    private static final long STEP_MILLIS = 10;

    private final RunningScenario world;
    private final Consumer<XidEvent> listener;
    private final Consumer<CallFault> failed;
    private final Thread thread = new Thread(this::run, "simulated-events");

    /** In which round of the scenario each error was told last: a file that is read again does not tell it again. */
    private final Map<Map<String, Object>, Long> told = new HashMap<>();

    private volatile Map<Integer, GpuIdentity> gpus = Map.of();
    private volatile boolean closed;

    SimulatedEvents(RunningScenario world, Consumer<XidEvent> listener, Consumer<CallFault> failed) {
        this.world = world;
        this.listener = listener;
        this.failed = failed;
        thread.setDaemon(true);
        thread.start();
    }

    /** Has the errors of these told from now on, by index. */
    void follow(Map<Integer, GpuIdentity> enumerated) {
        gpus = Map.copyOf(enumerated);
    }

    private void run() {
        try {
            while (!closed) {
                Thread.sleep(STEP_MILLIS);
                if (!gpus.isEmpty() && answers(Attribute.ALL, "nvmlEventSetWait")) {
                    tell(world.now());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(RunningScenario.Moment moment) {
        Map<Integer, GpuIdentity> known = gpus;
        if (moment.driverCode() != ReturnCode.SUCCESS) {
            return;
        }
        long round = moment.scenario().round(moment.time());
        for (Statement xid : moment.holding(StatementType.XID)) {
            GpuIdentity gpu = known.get(xid.device());
            if (gpu != null
                    && answers(xid.device(), "nvmlDeviceRegisterEvents")
                    && !Objects.equals(told.put(xid.values(), round), round)) {
                for (int i = 0; i < xid.get(Attribute.COUNT, 1); i++) {
                    listener.accept(new XidEvent(gpu, xid.mig(), xid.get(Attribute.CODE, XidEvent.UNKNOWN), Instant.now()));
                }
            }
        }
    }

    private boolean answers(int device, String function) {
        Optional<CallFault> fault = world.call(device, function);
        fault.filter(failure -> !failure.code().equals(ReturnCode.name(ReturnCode.NOT_SUPPORTED)))
                .ifPresent(failed);
        return fault.isEmpty();
    }

    /** A call that hangs is left behind. */
    void close() {
        closed = true;
        thread.interrupt();
    }
}
