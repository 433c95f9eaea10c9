package io.gpuagent.simulation;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.device.XidEvent;
import io.gpuagent.platform.DaemonThreads;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** Reports the Xids of a scenario to a listener, on a separate thread. */
final class SimulatedEvents {

    private static final long STEP_MILLIS = 10;

    private final RunningScenario scenario;
    private final Consumer<XidEvent> listener;
    private final Consumer<CallFault> failed;
    private final Thread thread = DaemonThreads.of("simulated-events", this::run);

    /**
     * The cycle in which each statement was last reported. A statement is identified by its values, so that it is not
     * reported again when the file is read again.
     */
    private final Map<Map<String, Object>, Long> reported = new HashMap<>();

    private volatile List<GpuIdentity> gpus = List.of();
    private volatile boolean closed;

    SimulatedEvents(RunningScenario scenario, Consumer<XidEvent> listener, Consumer<CallFault> failed) {
        this.scenario = scenario;
        this.listener = listener;
        this.failed = failed;
        thread.start();
    }

    /** Sets the GPUs whose Xids are reported. */
    void follow(Collection<GpuIdentity> enumerated) {
        gpus = List.copyOf(enumerated);
    }

    private void run() {
        try {
            while (!closed) {
                Thread.sleep(STEP_MILLIS);
                gpus.forEach(this::report);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void report(GpuIdentity gpu) {
        Optional<CallFault> fault = new Faults(scenario, gpu.index()).await(Faults.EVENTS);
        fault.filter(failure -> !ReturnCode.notOffered(failure)).ifPresent(failed);
        Moment moment = scenario.now();
        if (closed || fault.or(moment::driverFault).isPresent()) {
            return;
        }
        long cycle = moment.finishedCycles();
        for (Statement xid : moment.active(StatementType.XID, gpu.index())) {
            if (!Objects.equals(reported.put(xid.values(), cycle), cycle)) {
                for (int i = 0; i < xid.get(Attribute.COUNT, 1); i++) {
                    listener.accept(
                            new XidEvent(gpu, xid.mig(), xid.get(Attribute.CODE, XidEvent.UNKNOWN), Instant.now()));
                }
            }
        }
    }

    /** Stops reporting. If the thread hangs, it is abandoned. */
    void close() {
        closed = true;
        thread.interrupt();
    }
}
