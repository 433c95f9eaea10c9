package io.gpuagent.simulation;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.ReturnCode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The {@code fault} statements that affect one device or the whole node. They determine which capability of the backend
 * fails, is slow or hangs. In a {@link CallFault}, the capability replaces the name of the driver function.
 */
final class Faults {

    static final String ENUMERATION = "enumeration";
    static final String DEVICE = "device";
    static final String MEMORY = "memory";
    static final String PROCESSES = "processes";
    static final String UTILIZATION = "utilization";
    static final String ENERGY = "energy";
    static final String ACCOUNTING = "accounting";
    static final String EVENTS = "events";

    /** The prefix of the capability for a single reading. The key of the reading follows it. */
    static final String READINGS = "readings/";

    static final List<String> CAPABILITIES =
            List.of(ENUMERATION, DEVICE, MEMORY, PROCESSES, UTILIZATION, ENERGY, ACCOUNTING, EVENTS);

    private static final Duration HANG_STEP = Duration.ofMillis(10);

    private final RunningScenario scenario;
    private final int device;
    private volatile @Nullable String inProgress;

    /**
     * Finds the faults of a device or of the node.
     *
     * @param device the device's index; {@link Attribute#ALL} for the node, which only faults of all devices affect
     */
    Faults(RunningScenario scenario, int device) {
        this.scenario = scenario;
        this.device = device;
    }

    /** The capability that is currently slow or hanging, if any. Thread-safe. */
    Optional<String> inProgress() {
        return Optional.ofNullable(inProgress);
    }

    /** Waits while the capability is slow or hangs, and returns its failure; empty if it works. */
    Optional<CallFault> await(String capability) {
        List<Statement> faults = active(capability);
        if (faults.isEmpty()) {
            return Optional.empty();
        }
        inProgress = capability;
        faults.forEach(fault -> sleep(fault.get(Attribute.DELAY, Duration.ZERO)));
        while (active(capability).stream().anyMatch(fault -> fault.get(Attribute.HANG, false))) {
            sleep(HANG_STEP);
        }
        inProgress = null;
        return failure(capability);
    }

    /** Returns the failure of the capability at this moment, without waiting; empty if it works. */
    Optional<CallFault> failure(String capability) {
        return active(capability).stream()
                .flatMap(fault -> Stream.ofNullable(fault.get(Attribute.CODE)))
                .map(code -> new CallFault(capability, ReturnCode.name(code)))
                .findFirst();
    }

    private List<Statement> active(String capability) {
        return scenario.now().active(StatementType.FAULT).stream()
                .filter(fault -> capability.equals(fault.get(Attribute.CAPABILITY)))
                .filter(fault -> fault.isAbout(device))
                .toList();
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            // Continue: a real driver call cannot be interrupted either.
        }
    }
}
