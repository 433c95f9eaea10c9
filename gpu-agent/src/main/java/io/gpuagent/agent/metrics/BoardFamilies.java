package io.gpuagent.agent.metrics;

import io.gpuagent.agent.metrics.Family.Row;
import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.GpuDetail;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.usage.Energy;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.usage.XidCount;
import io.prometheus.client.Collector.Type;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The families of physical GPUs. */
final class BoardFamilies {

    private static final List<String> BOARD = List.of("gpu", "uuid");

    private static final List<Family> FIXED = List.of(
            Family.of(
                    "gpu_info",
                    Type.INFO,
                    "What is constant of a GPU; 1. memory_api v1: used includes the driver's reserve, v2: it does not; empty: no figures."
                            + " cuda_version: the newest that the driver can do. What is not known is empty.",
                    Family.concat(
                            Family.concat(BOARD, "model", "pci_bus_id", "driver_version", "memory_api"),
                            details(GpuDetail::label)),
                    snapshot -> snapshot.gpus().stream().map(gpu -> info(snapshot, gpu))),
            gauge("gpu_up", "1 if the GPU answers, 0 if a driver call for it hangs or it is lost.", BoardFamilies::up),
            memory("total", "Memory of the GPU in bytes.", GpuMemory::totalBytes),
            memory(
                    "used",
                    "Memory in use in bytes, as the driver counts it; see the label memory_api of gpu_info.",
                    GpuMemory::usedBytes),
            memory("free", "Memory that can be allocated, in bytes.", GpuMemory::freeBytes),
            memory("reserved", "The driver's reserve in bytes; absent with memory_api v1.", GpuMemory::reservedBytes),
            live(
                    "gpu_memory_unattributed_bytes",
                    "Memory in use minus that of all workloads, in bytes. Mainly managed (unified) memory, which the driver does not"
                            + " count per process; also contexts, processes without a workload and, with memory_api v1, the driver's"
                            + " reserve. Negative where the process list exceeds the GPU's own figure.",
                    live -> live.attribution().unattributedBytes()),
            live(
                    "gpu_process_list_up",
                    "1 if the list of processes on the GPU could be read; if 0, the GPU has no workload lines.",
                    live -> live.attribution().processListUp() ? 1 : 0),
            live(
                    "gpu_agent_other_workloads",
                    "Workloads on the GPU that are together in workload (other), being more than --max-workloads.",
                    live -> live.attribution().processListUp()
                            ? live.attribution().others()
                            : null),
            Family.of(
                    "gpu_agent_unobserved_seconds_total",
                    Type.COUNTER,
                    "Time in which nobody knows what was held on the GPU, because it was not sampled or its processes could not be"
                            + " listed, in seconds. Charged to no workload.",
                    BOARD,
                    snapshot -> snapshot.gpus().stream()
                            .filter(gpu -> !(gpu.state() instanceof GpuState.Starting))
                            .map(gpu -> Row.of(gpu.unobservedSeconds(), labels(gpu)))),
            energy(
                    "gpu_energy_joules_total",
                    "Energy that the GPU has used since the agent first saw it, in joules: the agent's own sum, which goes on when the"
                            + " driver's counter starts anew. That of all workloads and gpu_energy_unattributed_joules_total make it"
                            + " up. Absent where the driver does not tell.",
                    Energy::joules),
            energy(
                    "gpu_energy_unattributed_joules_total",
                    "Energy of the GPU that no workload was charged with, in joules: what it draws while idle, what unknown processes"
                            + " use, gaps between samples, and all of it where there is no utilization per process, as with MIG.",
                    Energy::unattributedJoules),
            Family.of(
                    "gpu_stalled_since_timestamp_seconds",
                    Type.GAUGE,
                    "Unix time at which the driver call began that does not return.",
                    Family.concat(BOARD, "function"),
                    snapshot -> snapshot.gpus().stream().flatMap(BoardFamilies::stalled)),
            xids(
                    "gpu_xid_errors_total",
                    Type.COUNTER,
                    "Errors (XIDs) that the driver reported of the GPU since the agent listens, by number; xid (other): those beyond 64"
                            + " kinds. A new series is born at its true value, which increase() does not see: see Totals in the README.",
                    XidCount::count),
            xids(
                    "gpu_xid_last_seen_timestamp_seconds",
                    Type.GAUGE,
                    "Unix time at which the driver last reported the error.",
                    xid -> Family.seconds(xid.lastSeen())));

    private BoardFamilies() {}

    static Stream<Family> all() {
        return Stream.concat(
                FIXED.stream(), Arrays.stream(DeviceMetric.values()).map(BoardFamilies::reading));
    }

    /** The labels of a physical GPU. */
    static List<String> labels(GpuUsage gpu) {
        return List.of(Integer.toString(gpu.identity().index()), gpu.identity().uuid());
    }

    static Stream<GpuState.Live> live(GpuUsage gpu) {
        return gpu.state() instanceof GpuState.Live live ? Stream.of(live) : Stream.empty();
    }

    private static Family reading(DeviceMetric metric) {
        return Family.of(
                metric.exposedName(),
                metric.kind() == DeviceMetric.Kind.COUNTER ? Type.COUNTER : Type.GAUGE,
                metric.help(),
                Family.concat(BOARD, metric.labels().toArray(String[]::new)),
                snapshot -> snapshot.gpus().stream()
                        .flatMap(gpu -> live(gpu)
                                .flatMap(live -> live.sample().readings().stream())
                                .filter(reading -> reading.metric() == metric)
                                .map(reading -> Row.of(
                                        reading.value(),
                                        labels(gpu),
                                        reading.labels().toArray(String[]::new)))));
    }

    private static Family energy(String name, String help, ToDoubleFunction<Energy> joules) {
        return Family.of(
                name,
                Type.COUNTER,
                help,
                BOARD,
                snapshot -> snapshot.gpus().stream()
                        .flatMap(gpu -> gpu.energy() == null
                                ? Stream.of()
                                : Stream.of(Row.of(joules.applyAsDouble(gpu.energy()), labels(gpu)))));
    }

    private static Family memory(String part, String help, Function<GpuMemory, @Nullable Long> bytes) {
        return live("gpu_memory_" + part + "_bytes", help, live -> {
            GpuMemory memory = live.sample().memory();
            return memory == null ? null : bytes.apply(memory);
        });
    }

    private static Family live(String name, String help, Function<GpuState.Live, @Nullable Number> value) {
        return gauge(name, help, gpu -> gpu.state() instanceof GpuState.Live live ? value.apply(live) : null);
    }

    private static Family xids(String name, Type type, String help, Function<XidCount, Number> value) {
        return Family.of(
                name,
                type,
                help,
                Family.concat(BOARD, "xid"),
                snapshot -> snapshot.gpus().stream()
                        .flatMap(gpu -> gpu.xids().stream()
                                .map(xid -> Row.of(value.apply(xid).doubleValue(), labels(gpu), xid.xid()))));
    }

    private static Family gauge(String name, String help, Function<GpuUsage, @Nullable Number> value) {
        return Family.of(
                name,
                Type.GAUGE,
                help,
                BOARD,
                snapshot -> snapshot.gpus().stream().flatMap(gpu -> {
                    Number number = value.apply(gpu);
                    return number == null ? Stream.of() : Stream.of(Row.of(number.doubleValue(), labels(gpu)));
                }));
    }

    private static @Nullable Number up(GpuUsage gpu) {
        if (gpu.state() instanceof GpuState.Starting) {
            return null;
        }
        return gpu.state() instanceof GpuState.Live ? 1 : 0;
    }

    private static Row info(Snapshot snapshot, GpuUsage gpu) {
        GpuIdentity identity = gpu.identity();
        List<String> values = Family.concat(
                labels(gpu),
                identity.model(),
                identity.pciBusId(),
                snapshot.backend().driverVersion(),
                gpu.memoryApi() == null ? "" : gpu.memoryApi().label());
        return Row.of(1, values, details(detail -> identity.details().getOrDefault(detail, "")));
    }

    private static String[] details(Function<GpuDetail, String> text) {
        return Arrays.stream(GpuDetail.values()).map(text).toArray(String[]::new);
    }

    private static Stream<Row> stalled(GpuUsage gpu) {
        return gpu.state() instanceof GpuState.Stalled stalled
                ? Stream.of(Row.of(Family.seconds(stalled.since()), labels(gpu), stalled.function()))
                : Stream.of();
    }
}
