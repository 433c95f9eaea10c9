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
import io.gpuagent.device.ReturnCode;
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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The GPUs of a scenario. */
final class SimulatedBackend implements GpuBackend {

    private final World world;
    private final MetricSelection selection;
    private final Map<Integer, GpuIdentity> lastIdentities = new HashMap<>();
    private final Map<GpuIdentity, Gpu> gpus = new HashMap<>();
    private volatile @Nullable SimulatedEvents events;

    SimulatedBackend(World world, MetricSelection selection) {
        this.world = world;
        this.selection = selection;
    }

    @Override
    public String name() {
        return "simulated";
    }

    @Override
    public Inventory enumerate() throws BackendUnavailableException {
        initialise();
        check(world.call(Scenario.ALL, "nvmlDeviceGetCount"));
        World.Moment moment = world.now();
        Map<Integer, List<Scenario.Device>> lines = new TreeMap<>();
        moment.holding(Scenario::devices)
                .forEach(line -> lines.computeIfAbsent(line.index(), unused -> new ArrayList<>())
                        .add(line));
        List<Gpu> listed = new ArrayList<>();
        lines.forEach((index, device) -> {
            if (device.stream().anyMatch(line -> line.uuid() != null)) {
                listed.add(gpu(index, device));
            }
        });
        if (events != null) {
            events.follow(lastIdentities);
        }
        return new Inventory(last(moment.holding(Scenario::drivers), Scenario.Driver::version, ""), listed);
    }

    private void initialise() throws BackendUnavailableException {
        check(world.call(Scenario.ALL, "nvmlInit"));
        int code = world.now().driverCode();
        if (code != ReturnCode.SUCCESS) {
            check(Optional.of(new CallFault("nvmlInit", ReturnCode.name(code))));
        }
    }

    private static void check(Optional<CallFault> fault) throws BackendUnavailableException {
        if (fault.isPresent()) {
            Reason reason = switch (fault.get().code()) {
                case "DRIVER_NOT_LOADED" -> Reason.NO_DRIVER;
                case "LIB_RM_VERSION_MISMATCH" -> Reason.DRIVER_REPLACED;
                case "LIBRARY_NOT_FOUND" -> Reason.NO_LIBRARY;
                default -> Reason.FAILED;
            };
            throw new BackendUnavailableException(reason, "simulated: " + fault.get());
        }
    }

    private Gpu gpu(int index, List<Scenario.Device> lines) {
        Optional<CallFault> lost = world.call(index, "nvmlDeviceGetHandleByIndex");
        if (lost.isPresent()) {
            GpuIdentity last = lastIdentities.getOrDefault(index, new GpuIdentity(index, "", "", ""));
            return new SimulatedGpu(world, selection, last, lost.get());
        }
        Map<GpuDetail, String> details = new EnumMap<>(GpuDetail.class);
        lines.forEach(line -> details.putAll(line.details()));
        GpuIdentity identity = new GpuIdentity(
                index,
                last(lines, Scenario.Device::uuid, ""),
                last(lines, Scenario.Device::name, "Simulated GPU"),
                last(lines, Scenario.Device::bus, String.format("00000000:%02X:00.0", index)),
                details);
        lastIdentities.put(index, identity);
        return gpus.computeIfAbsent(identity, unused -> new SimulatedGpu(world, selection, identity, null));
    }

    private static <L, T> T last(List<L> lines, Function<L, @Nullable T> value, T otherwise) {
        return lines.stream()
                .map(value)
                .filter(Objects::nonNull)
                .reduce((one, other) -> other)
                .orElse(otherwise);
    }

    @Override
    public void listen(Consumer<XidEvent> listener, Consumer<CallFault> failed) {
        events = new SimulatedEvents(world, listener, failed);
    }

    @Override
    public void close() {
        if (events != null) {
            events.close();
        }
    }
}
