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

/** The families of physical GPUs. */
final class BoardFamilies {

    static final Scope<GpuUsage> BOARDS = Scope.WHOLE.each(
            snapshot -> snapshot.gpus().stream(),
            List.of("gpu", "uuid"),
            gpu -> List.of(
                    Integer.toString(gpu.identity().index()), gpu.identity().uuid()));

    static final Scope<GpuState.Live> LIVE =
            BOARDS.each(gpu -> gpu.state() instanceof GpuState.Live live ? Stream.of(live) : Stream.of());

    private static final Scope<GpuMemory> MEMORY =
            LIVE.each(live -> Stream.ofNullable(live.sample().memory()));

    private static final Scope<Energy> ENERGY = BOARDS.each(gpu -> Stream.ofNullable(gpu.energy()));

    private static final Scope<GpuState.Stalled> STALLED = BOARDS.each(
            gpu -> gpu.state() instanceof GpuState.Stalled stalled ? Stream.of(stalled) : Stream.of(),
            List.of("function"),
            stalled -> List.of(stalled.function()));

    private static final Scope<XidCount> XIDS =
            BOARDS.each(gpu -> gpu.xids().stream(), List.of("xid"), xid -> List.of(xid.xid()));

    private static final List<Family> FIXED = List.of(
            info(),
            BOARDS.gauge(
                    "gpu_up",
                    "1 if the GPU answers, 0 if a driver call for it hangs or it is lost.",
                    BoardFamilies::up),
            MEMORY.gauge("gpu_memory_total_bytes", "Memory of the GPU in bytes.", GpuMemory::totalBytes),
            MEMORY.gauge(
                    "gpu_memory_used_bytes",
                    "Memory in use in bytes, as the driver counts it; see the label memory_api of gpu_info.",
                    GpuMemory::usedBytes),
            MEMORY.gauge("gpu_memory_free_bytes", "Memory that can be allocated, in bytes.", GpuMemory::freeBytes),
            MEMORY.gauge(
                    "gpu_memory_reserved_bytes",
                    "The driver's reserve in bytes; absent with memory_api v1.",
                    GpuMemory::reservedBytes),
            LIVE.gauge(
                    "gpu_memory_unattributed_bytes",
                    "Memory in use minus that of all workloads, in bytes. Mainly managed (unified) memory, which the driver does not"
                            + " count per process; also contexts, processes without a workload and, with memory_api v1, the driver's"
                            + " reserve. Negative where the process list exceeds the GPU's own figure.",
                    live -> live.attribution().unattributedBytes()),
            LIVE.gauge(
                    "gpu_process_list_up",
                    "1 if the list of processes on the GPU could be read; if 0, the GPU has no workload lines.",
                    live -> live.attribution().processListUp() ? 1 : 0),
            LIVE.gauge(
                    "gpu_agent_other_workloads",
                    "Workloads on the GPU that are together in workload (other), being more than --max-workloads.",
                    live -> live.attribution().processListUp()
                            ? live.attribution().others()
                            : null),
            BOARDS.counter(
                    "gpu_agent_unobserved_seconds_total",
                    "Time in which nobody knows what was held on the GPU, because it was not sampled or its processes could not be"
                            + " listed, in seconds. Charged to no workload.",
                    gpu -> gpu.state() instanceof GpuState.Starting ? null : gpu.unobservedSeconds()),
            ENERGY.counter(
                    "gpu_energy_joules_total",
                    "Energy that the GPU has used since the agent first saw it, in joules: the agent's own sum, which goes on when the"
                            + " driver's counter starts anew. That of all workloads and gpu_energy_unattributed_joules_total make it"
                            + " up. Absent where the driver does not tell.",
                    Energy::joules),
            ENERGY.counter(
                    "gpu_energy_unattributed_joules_total",
                    "Energy of the GPU that no workload was charged with, in joules: what it draws while idle, what unknown processes"
                            + " use, gaps between samples, and all of it where there is no utilization per process, as with MIG.",
                    Energy::unattributedJoules),
            STALLED.gauge(
                    "gpu_stalled_since_timestamp_seconds",
                    "Unix time at which the driver call began that does not return.",
                    stalled -> Family.seconds(stalled.since())),
            XIDS.counter(
                    "gpu_xid_errors_total",
                    "Errors (XIDs) that the driver reported of the GPU since the agent listens, by number; xid (other): those beyond 64"
                            + " kinds. A new series is born at its true value, which increase() does not see: see Totals in the README.",
                    XidCount::count),
            XIDS.gauge(
                    "gpu_xid_last_seen_timestamp_seconds",
                    "Unix time at which the driver last reported the error.",
                    xid -> Family.seconds(xid.lastSeen())));

    private BoardFamilies() {}

    static Stream<Family> all() {
        return Stream.concat(
                FIXED.stream(), Arrays.stream(DeviceMetric.values()).map(BoardFamilies::reading));
    }

    private static Family reading(DeviceMetric metric) {
        Scope<Reading> readings = LIVE.each(
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
        return gpu.state() instanceof GpuState.Live ? 1 : 0;
    }

    private static Family info() {
        List<String> some = List.of("gpu", "uuid", "model", "pci_bus_id", "driver_version", "memory_api");
        Stream<String> details = Arrays.stream(GpuDetail.values()).map(GpuDetail::label);
        return Scope.WHOLE
                .each(
                        snapshot -> snapshot.gpus().stream()
                                .map(gpu -> info(gpu, snapshot.backend().driverVersion())),
                        Stream.concat(some.stream(), details).toList(),
                        Function.identity())
                .info(
                        "gpu_info",
                        "What is constant of a GPU; 1. memory_api v1: used includes the driver's reserve, v2: it does not; empty: no figures."
                                + " cuda_version: the newest that the driver can do. What is not known is empty.");
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
