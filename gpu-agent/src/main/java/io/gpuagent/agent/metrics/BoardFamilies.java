package io.gpuagent.agent.metrics;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.GpuDetail;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.Reading;
import io.gpuagent.usage.Energy;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.XidCount;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The metric families of physical GPUs. */
final class BoardFamilies {

    static final LabelledItems<GpuUsage> BOARDS = LabelledItems.SNAPSHOT.each(
            snapshot -> snapshot.gpus().stream(),
            List.of("gpu", "uuid"),
            gpu -> List.of(
                    Integer.toString(gpu.identity().index()), gpu.identity().uuid()));

    static final LabelledItems<GpuState.Live> LIVE = BOARDS.each(gpu -> gpu.live().stream());

    private static final LabelledItems<GpuMemory> MEMORY =
            LIVE.each(live -> Stream.ofNullable(live.sample().memory()));

    private static final LabelledItems<Energy> ENERGY = BOARDS.each(gpu -> Stream.ofNullable(gpu.energy()));

    private static final LabelledItems<GpuState.Stalled> STALLED = BOARDS.each(
            gpu -> gpu.state() instanceof GpuState.Stalled stalled ? Stream.of(stalled) : Stream.of(),
            List.of("function"),
            stalled -> List.of(stalled.function()));

    private static final LabelledItems<XidCount> XIDS =
            BOARDS.each(gpu -> gpu.xids().stream(), List.of("xid"), xid -> List.of(xid.xid()));

    private static final List<Family> FIXED = List.of(
            info(),
            BOARDS.gauge(
                    "gpu_up",
                    "1 if the GPU responds, 0 if a driver call for it hangs or the GPU is lost.",
                    BoardFamilies::up),
            MEMORY.gauge("gpu_memory_total_bytes", "Memory of the GPU in bytes.", GpuMemory::totalBytes),
            MEMORY.gauge(
                    "gpu_memory_used_bytes",
                    "Memory in use as the driver counts it, in bytes. Depends on the label memory_api of gpu_info.",
                    GpuMemory::usedBytes),
            MEMORY.gauge("gpu_memory_free_bytes", "Allocatable memory in bytes.", GpuMemory::freeBytes),
            MEMORY.gauge(
                    "gpu_memory_reserved_bytes",
                    "Memory reserved by the driver in bytes. Absent with memory_api v1.",
                    GpuMemory::reservedBytes),
            LIVE.gauge(
                    "gpu_memory_unattributed_bytes",
                    "Memory in use minus the memory of all workloads, in bytes. Mainly managed (unified) memory, which the driver does"
                            + " not count per process; also contexts, processes without a workload and, with memory_api v1, the memory"
                            + " reserved by the driver. Negative if the processes' memory adds up to more than the memory in use.",
                    live -> live.attribution().unattributedBytes()),
            LIVE.gauge(
                    "gpu_process_list_up",
                    "1 if the process list of the GPU could be read. If 0, the GPU has no workload series.",
                    live -> live.attribution().processListUp() ? 1 : 0),
            LIVE.gauge(
                    "gpu_agent_other_workloads",
                    "Workloads on the GPU that are combined as workload (other) because they exceed --max-workloads.",
                    live -> live.attribution().processListUp()
                            ? live.attribution().others()
                            : null),
            BOARDS.counter(
                    "gpu_agent_unobserved_seconds_total",
                    "Time in which the GPU was not sampled or its process list could not be read, in seconds. Not charged to any"
                            + " workload.",
                    gpu -> gpu.state() instanceof GpuState.Starting ? null : gpu.unobservedSeconds()),
            ENERGY.counter(
                    "gpu_energy_joules_total",
                    "Energy used by the GPU since the agent first saw it, in joules. The agent's own counter, which continues when the"
                            + " driver's counter is reset. Equals the energy of all workloads plus"
                            + " gpu_energy_unattributed_joules_total. Absent if the driver does not report energy.",
                    Energy::joules),
            ENERGY.counter(
                    "gpu_energy_unattributed_joules_total",
                    "Energy of the GPU that was not charged to any workload, in joules: idle power, unknown processes, gaps between"
                            + " samples, and all energy if the driver does not report utilization per process, as with MIG.",
                    Energy::unattributedJoules),
            STALLED.gauge(
                    "gpu_stalled_since_timestamp_seconds",
                    "Unix time at which the currently hung driver call started. No series while no call hangs.",
                    stalled -> Family.seconds(stalled.since())),
            XIDS.counter(
                    "gpu_xid_errors_total",
                    "Number of Xid errors since the agent started, by Xid number. After 64 distinct numbers, further ones are combined"
                            + " as xid=\"(other)\". A new series starts at its true value, which increase() misses: see Totals in"
                            + " the documentation.",
                    XidCount::count),
            XIDS.gauge(
                    "gpu_xid_last_seen_timestamp_seconds",
                    "Unix time at which the driver last reported the Xid error.",
                    xid -> Family.seconds(xid.lastSeen())));

    private BoardFamilies() {}

    static Stream<Family> all() {
        return Stream.concat(
                FIXED.stream(), Arrays.stream(DeviceMetric.values()).map(BoardFamilies::reading));
    }

    private static Family reading(DeviceMetric metric) {
        LabelledItems<Reading> readings = LIVE.each(
                live -> live.sample().readings().stream().filter(reading -> reading.metric() == metric),
                metric.labels(),
                Reading::labels);
        return metric.kind() == DeviceMetric.Kind.COUNTER
                ? readings.counter(metric.exposedName(), metric.help(), Reading::value)
                : readings.gauge(metric.exposedName(), metric.help(), Reading::value);
    }

    private static @Nullable Integer up(GpuUsage gpu) {
        if (gpu.state() instanceof GpuState.Starting) {
            return null;
        }
        return gpu.live().isPresent() ? 1 : 0;
    }

    private static Family info() {
        List<String> some = List.of("gpu", "uuid", "model", "pci_bus_id", "driver_version", "memory_api");
        Stream<String> details = Arrays.stream(GpuDetail.values()).map(GpuDetail::label);
        return LabelledItems.SNAPSHOT
                .each(
                        snapshot -> snapshot.gpus().stream()
                                .map(gpu -> info(gpu, snapshot.backend().driverVersion())),
                        Stream.concat(some.stream(), details).toList(),
                        Function.identity())
                .info(
                        "gpu_info",
                        "Constant properties of a GPU. Value is always 1. memory_api: with v1, memory in use includes the memory reserved by"
                                + " the driver, with v2 it does not; empty if there are no memory figures. cuda_version: the newest"
                                + " version that the driver supports. Unknown labels are empty.");
    }

    private static List<String> info(GpuUsage gpu, String driverVersion) {
        GpuIdentity identity = gpu.identity();
        Stream<String> some = Stream.of(
                Integer.toString(identity.index()),
                identity.uuid(),
                identity.model(),
                identity.pciBusId(),
                driverVersion,
                gpu.memoryApi() == null ? "" : gpu.memoryApi().label());
        Stream<String> details = Arrays.stream(GpuDetail.values())
                .map(detail -> identity.details().getOrDefault(detail, ""));
        return Stream.concat(some, details).toList();
    }
}
