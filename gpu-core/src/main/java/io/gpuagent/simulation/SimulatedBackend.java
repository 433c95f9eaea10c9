package io.gpuagent.simulation;

import io.gpuagent.device.BackendUnavailableException;
import io.gpuagent.device.BackendUnavailableException.Reason;
import io.gpuagent.device.CallFault;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuBackend;
import io.gpuagent.device.GpuDetail;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.Inventory;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.device.XidEvent;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A backend that plays a scenario. */
final class SimulatedBackend implements GpuBackend {

    private final RunningScenario scenario;
    private final MetricSelection selection;
    private final Map<Integer, GpuIdentity> lastIdentities = new HashMap<>();
    private final Map<GpuIdentity, Gpu> gpus = new HashMap<>();
    private volatile @Nullable SimulatedEvents events;

    SimulatedBackend(RunningScenario scenario, MetricSelection selection) {
        this.scenario = scenario;
        this.selection = selection;
    }

    @Override
    public String name() {
        return "simulated";
    }

    @Override
    public Inventory enumerate() throws BackendUnavailableException {
        check(new Faults(scenario, Attribute.ALL).await(Faults.ENUMERATION));
        Moment moment = scenario.now();
        check(moment.driverFault());
        Map<Integer, List<Statement>> devices = moment.active(StatementType.DEVICE).stream()
                .collect(Collectors.groupingBy(Statement::device, TreeMap::new, Collectors.toList()));
        List<Gpu> listed = new ArrayList<>();
        devices.forEach((index, statements) -> {
            if (Statement.last(statements, Attribute.UUID) != null) {
                listed.add(gpu(index, statements));
            }
        });
        if (events != null) {
            events.follow(lastIdentities.values());
        }
        return new Inventory(text(moment.active(StatementType.DRIVER), Attribute.VERSION, ""), listed);
    }

    private static void check(Optional<CallFault> fault) throws BackendUnavailableException {
        if (fault.isPresent()) {
            Reason reason = switch (fault.get().code()) {
                case "DRIVER_NOT_LOADED" -> Reason.NO_DRIVER;
                case "LIB_RM_VERSION_MISMATCH" -> Reason.DRIVER_REPLACED;
                case "GPU_NOT_FOUND" -> Reason.NO_GPU;
                case "LIBRARY_NOT_FOUND" -> Reason.NO_LIBRARY;
                default -> Reason.FAILED;
            };
            throw new BackendUnavailableException(reason, "simulated: " + fault.get());
        }
    }

    /**
     * Returns the GPU with an index. A GPU that is lost keeps its last identity; if it has none, only its index is
     * known.
     */
    private Gpu gpu(int index, List<Statement> statements) {
        boolean lost = new Faults(scenario, index).failure(Faults.DEVICE).isPresent();
        GpuIdentity identity = lost
                ? lastIdentities.getOrDefault(index, new GpuIdentity(index, "", "", ""))
                : identity(index, statements);
        if (!lost) {
            lastIdentities.put(index, identity);
        }
        return gpus.computeIfAbsent(identity, unused -> new SimulatedGpu(scenario, selection, identity));
    }

    private static GpuIdentity identity(int index, List<Statement> statements) {
        Map<GpuDetail, String> details = new EnumMap<>(GpuDetail.class);
        for (GpuDetail detail : GpuDetail.values()) {
            details.put(detail, text(statements, Attribute.text(detail.label()), ""));
        }
        details.values().removeIf(String::isEmpty);
        return new GpuIdentity(
                index,
                text(statements, Attribute.UUID, ""),
                text(statements, Attribute.NAME, "Simulated GPU"),
                text(statements, Attribute.BUS, String.format("00000000:%02X:00.0", index)),
                details);
    }

    private static String text(List<Statement> statements, Attribute<String> attribute, String defaultValue) {
        return Objects.requireNonNullElse(Statement.last(statements, attribute), defaultValue);
    }

    @Override
    public void listen(Consumer<XidEvent> listener, Consumer<CallFault> failed) {
        events = new SimulatedEvents(scenario, listener, failed);
    }

    @Override
    public void close() {
        if (events != null) {
            events.close();
        }
    }
}
