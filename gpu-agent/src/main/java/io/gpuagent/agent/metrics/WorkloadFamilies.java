package io.gpuagent.agent.metrics;

import io.gpuagent.agent.metrics.Family.Row;
import io.gpuagent.device.Engine;
import io.gpuagent.usage.Account;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.ProcessUsage;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.usage.WorkloadUsage;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.WorkloadLabels;
import io.prometheus.client.Collector.Type;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The families of workloads, and of their processes where those are asked for. */
final class WorkloadFamilies {

    private static final List<String> NINE =
            List.of("gpu", "uuid", "mig", "kind", "workload", "namespace", "pod", "container", "container_id");

    private static final List<Family> WORKLOADS = List.of(
            workloads(
                    "gpu_workload_memory_bytes",
                    "Memory that the workload's processes hold on the GPU, in bytes: of those whose memory the driver tells;"
                            + " no line if it tells none.",
                    usage -> usage.memoryBytes().isPresent()
                            ? usage.memoryBytes().getAsLong()
                            : null),
            workloads(
                    "gpu_workload_sm_utilization_ratio",
                    "Share of the time since the sample before in which a kernel of the workload ran, summed over its processes: time"
                            + " busy, not capacity used; above 1 where processes take turns. Absent where the driver does not tell, as"
                            + " with MIG.",
                    usage -> usage.smRatio().isPresent() ? usage.smRatio().getAsDouble() : null),
            workloads(
                    "gpu_workload_processes",
                    "Processes of the workload on the GPU.",
                    usage -> usage.processes().size()),
            workloads(
                    "gpu_workload_unknown_memory_processes",
                    "Processes of the workload whose memory the driver does not tell.",
                    WorkloadUsage::unknownMemoryProcesses));

    private static final String KEPT = "; stays for 15 minutes after it has gone."
            + " A new series is born at its true value, which increase() does not see: see Totals in the README.";

    private static final List<Family> ACCOUNTS = List.of(
            accounts(
                    "gpu_workload_memory_peak_bytes",
                    Type.GAUGE,
                    "Largest sample of the workload's memory in the last --peak-window, in bytes; also of a workload that has gone since. With the"
                            + " driver's accounting mode on, a process that ended in that time counts with the most that it held in its life.",
                    Account::peakBytes),
            accounts(
                    "gpu_workload_memory_byte_seconds_total",
                    Type.COUNTER,
                    "Memory of the workload times the time it was held, in bytes times seconds" + KEPT,
                    Account::memoryByteSeconds),
            accounts(
                    "gpu_workload_sm_seconds_total",
                    Type.COUNTER,
                    "Time in which kernels of the workload ran, summed over its processes, in seconds" + KEPT,
                    Account::smSeconds),
            accounts(
                    "gpu_workload_energy_joules_total",
                    Type.COUNTER,
                    "Energy of the GPU in joules, divided by each workload's share of the time in which kernels ran: a model, not a"
                            + " measurement. What nobody's kernels used is in gpu_energy_unattributed_joules_total"
                            + KEPT,
                    Account::energyJoules),
            Family.of(
                    "gpu_workload_xid_errors_total",
                    Type.COUNTER,
                    "Errors (XIDs) of the GPU, or of its MIG instance, that the driver reported while the workload was on it, going by the last"
                            + " sample before; counted for all workloads there, whoever caused them"
                            + KEPT,
                    Family.concat(NINE, "xid"),
                    snapshot -> snapshot.gpus().stream().flatMap(WorkloadFamilies::xids)));

    private static final List<Family> PROCESSES = List.of(
            processes(
                    "memory_bytes",
                    "Memory that a process holds on the GPU, in bytes",
                    usage -> usage.process().memoryBytes()),
            utilizations(Engine.SM, "a kernel of a process ran: time busy, not capacity used"),
            utilizations(Engine.MEMORY, "a process read or wrote memory: time busy, not bytes held"),
            utilizations(Engine.ENCODER, "a process kept video encoders busy"),
            utilizations(Engine.DECODER, "a process kept video decoders busy"));

    private WorkloadFamilies() {}

    static Stream<Family> all(MetricOptions options) {
        Stream<Family> processes = options.perProcess() ? PROCESSES.stream() : Stream.of();
        Stream<Family> info = Stream.of(info(ContainerLabels.of(options.containerLabels())));
        return Stream.of(WORKLOADS.stream(), ACCOUNTS.stream(), info, processes).flatMap(families -> families);
    }

    private static Family info(ContainerLabels exported) {
        List<String> labels = Family.concat(NINE, "runtime", "image", "pod_uid", "qos", "uid", "user");
        return Family.of(
                "gpu_workload_info",
                Type.INFO,
                "What is constant of a workload; 1. uid, user: of units, jobs and processes, where all run as one user."
                        + " label_*: labels of the container that --container.labels names.",
                Family.concat(labels, exported.names().values().toArray(String[]::new)),
                snapshot -> known(snapshot).map(placed -> info(placed, exported)));
    }

    /** A workload and the GPU it is on. */
    record Placed(GpuUsage gpu, WorkloadUsage usage) {

        List<String> labels() {
            WorkloadLabels labels = usage.labels();
            return Family.concat(
                    BoardFamilies.labels(gpu),
                    usage.mig(),
                    labels.kind(),
                    labels.workload(),
                    labels.namespace(),
                    labels.pod(),
                    labels.container(),
                    labels.containerId());
        }
    }

    static Stream<Placed> placed(Snapshot snapshot) {
        return snapshot.gpus().stream()
                .flatMap(gpu -> BoardFamilies.live(gpu)
                        .flatMap(live -> live.attribution().workloads().stream())
                        .map(usage -> new Placed(gpu, usage)));
    }

    private static Family workloads(String name, String help, Function<WorkloadUsage, @Nullable Number> value) {
        return Family.summed(
                name,
                help,
                NINE,
                snapshot -> placed(snapshot).flatMap(placed -> {
                    Number number = value.apply(placed.usage());
                    return number == null ? Stream.of() : Stream.of(new Row(placed.labels(), number.doubleValue()));
                }));
    }

    private static Family accounts(String name, Type type, String help, Function<Account, @Nullable Number> value) {
        return Family.of(
                name,
                type,
                help,
                NINE,
                snapshot -> snapshot.gpus().stream()
                        .flatMap(gpu -> gpu.accounts().stream().flatMap(account -> {
                            Number number = value.apply(account);
                            return number == null
                                    ? Stream.of()
                                    : Stream.of(
                                            new Row(new Placed(gpu, account.usage()).labels(), number.doubleValue()));
                        })));
    }

    private static Stream<Row> xids(GpuUsage gpu) {
        return gpu.accounts().stream()
                .flatMap(account -> account.xids().entrySet().stream()
                        .map(xid -> Row.of(xid.getValue(), new Placed(gpu, account.usage()).labels(), xid.getKey())));
    }

    /** Those on the GPUs now, and those that have accounts. */
    private static Stream<Placed> known(Snapshot snapshot) {
        Stream<Placed> gone = snapshot.gpus().stream()
                .flatMap(gpu -> gpu.accounts().stream().map(account -> new Placed(gpu, account.usage())));
        return Stream.concat(placed(snapshot), gone);
    }

    private static Family utilizations(Engine engine, String busy) {
        return processes(
                engine.key() + "_utilization_ratio",
                "Share of the time since the sample before in which " + busy
                        + ". Absent where the driver does not tell, as with MIG",
                usage -> usage.utilization().get(engine));
    }

    private static Family processes(String name, String help, Function<ProcessUsage, @Nullable Number> value) {
        return Family.summed(
                "gpu_process_" + name,
                help + "; type: C compute, G graphics, M MPS. Only with --collect.processes.",
                Family.concat(NINE, "pid", "type", "uid"),
                snapshot -> placed(snapshot).flatMap(placed -> processes(placed, value)));
    }

    private static Stream<Row> processes(Placed placed, Function<ProcessUsage, @Nullable Number> value) {
        List<String> labels = placed.labels();
        return placed.usage().processes().stream().flatMap(usage -> {
            Number number = value.apply(usage);
            String pid = Integer.toString(usage.process().pid());
            return number == null
                    ? Stream.of()
                    : Stream.of(Row.of(
                            number.doubleValue(), labels, pid, usage.process().type(), text(usage.uid())));
        });
    }

    private static Row info(Placed placed, ContainerLabels exported) {
        WorkloadUsage usage = placed.usage();
        ContainerDetails details = usage.details();
        boolean ofUser =
                !List.of("container", "pod", "lxc").contains(usage.labels().kind());
        List<String> values = Family.concat(
                placed.labels(),
                text(usage.runtime()),
                details == null ? "" : details.image(),
                text(usage.podUid()),
                text(usage.qos()),
                ofUser ? text(usage.common(ProcessUsage::uid)) : "",
                ofUser ? text(usage.common(ProcessUsage::user)) : "");
        return Row.of(
                1,
                values,
                exported.values(details == null ? Map.of() : details.labels()).toArray(String[]::new));
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }
}
