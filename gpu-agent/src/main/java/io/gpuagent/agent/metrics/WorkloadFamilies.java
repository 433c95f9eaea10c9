package io.gpuagent.agent.metrics;

import io.gpuagent.device.Engine;
import io.gpuagent.usage.Account;
import io.gpuagent.usage.ProcessUsage;
import io.gpuagent.usage.WorkloadUsage;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.WorkloadLabels;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The families of workloads, and of their processes where those are asked for. */
final class WorkloadFamilies {

    private static final List<String> LABELS =
            List.of("mig", "kind", "workload", "namespace", "pod", "container", "container_id");

    private static final Scope<WorkloadUsage> USAGES =
            BoardFamilies.LIVE.each(live -> live.attribution().workloads().stream(), LABELS, WorkloadFamilies::labels);

    private static final Scope<Account> ACCOUNTS =
            BoardFamilies.BOARDS.each(gpu -> gpu.accounts().stream(), LABELS, account -> labels(account.usage()));

    private static final Scope<ProcessUsage> PROCESSES = USAGES.each(
            usage -> usage.processes().stream(),
            List.of("pid", "type", "uid"),
            usage -> List.of(
                    Integer.toString(usage.process().pid()), usage.process().type(), text(usage.uid())));

    private static final List<Family> HELD = List.of(
            USAGES.summed(
                    "gpu_workload_memory_bytes",
                    "Memory that the workload's processes hold on the GPU, in bytes: of those whose memory the driver tells;"
                            + " no line if it tells none.",
                    usage -> usage.memoryBytes().isPresent()
                            ? usage.memoryBytes().getAsLong()
                            : null),
            USAGES.summed(
                    "gpu_workload_sm_utilization_ratio",
                    "Share of the time since the sample before in which a kernel of the workload ran, summed over its processes: time"
                            + " busy, not capacity used; above 1 where processes take turns. Absent where the driver does not tell, as"
                            + " with MIG.",
                    usage -> usage.smRatio().isPresent() ? usage.smRatio().getAsDouble() : null),
            USAGES.summed(
                    "gpu_workload_processes",
                    "Processes of the workload on the GPU.",
                    usage -> usage.processes().size()),
            USAGES.summed(
                    "gpu_workload_unknown_memory_processes",
                    "Processes of the workload whose memory the driver does not tell.",
                    WorkloadUsage::unknownMemoryProcesses));

    private static final String KEPT = "; stays for 15 minutes after it has gone."
            + " A new series is born at its true value, which increase() does not see: see Totals in the README.";

    private static final List<Family> ACCOUNTED = List.of(
            ACCOUNTS.gauge(
                    "gpu_workload_memory_peak_bytes",
                    "Largest sample of the workload's memory in the last --peak-window, in bytes; also of a workload that has gone since. With the"
                            + " driver's accounting mode on, a process that ended in that time counts with the most that it held in its life.",
                    Account::peakBytes),
            ACCOUNTS.counter(
                    "gpu_workload_memory_byte_seconds_total",
                    "Memory of the workload times the time it was held, in bytes times seconds" + KEPT,
                    Account::memoryByteSeconds),
            ACCOUNTS.counter(
                    "gpu_workload_sm_seconds_total",
                    "Time in which kernels of the workload ran, summed over its processes, in seconds" + KEPT,
                    Account::smSeconds),
            ACCOUNTS.counter(
                    "gpu_workload_energy_joules_total",
                    "Energy of the GPU in joules, divided by each workload's share of the time in which kernels ran: a model, not a"
                            + " measurement. What nobody's kernels used is in gpu_energy_unattributed_joules_total"
                            + KEPT,
                    Account::energyJoules),
            ACCOUNTS.each(account -> account.xids().entrySet().stream(), List.of("xid"), xid -> List.of(xid.getKey()))
                    .counter(
                            "gpu_workload_xid_errors_total",
                            "Errors (XIDs) of the GPU, or of its MIG instance, that the driver reported while the workload was on it, going by the last"
                                    + " sample before; counted for all workloads there, whoever caused them"
                                    + KEPT,
                            Map.Entry::getValue));

    private static final List<Family> PER_PROCESS = List.of(
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
        Stream<Family> processes = options.perProcess() ? PER_PROCESS.stream() : Stream.of();
        Stream<Family> info = Stream.of(info(ContainerLabels.of(options.containerLabels())));
        return Stream.of(HELD.stream(), ACCOUNTED.stream(), info, processes).flatMap(families -> families);
    }

    /** Of those on the GPUs now, and of those that have accounts. */
    private static Family info(ContainerLabels exported) {
        return USAGES.and(ACCOUNTS.each(account -> Stream.of(account.usage())))
                .with(List.of("runtime", "image", "pod_uid", "qos", "uid", "user"), WorkloadFamilies::info)
                .with(List.copyOf(exported.names().values()), usage -> exported.values(containerLabels(usage)))
                .info(
                        "gpu_workload_info",
                        "What is constant of a workload; 1. uid, user: of units, jobs and processes, where all run as one user."
                                + " label_*: labels of the container that --container.labels names.");
    }

    private static List<String> labels(WorkloadUsage usage) {
        WorkloadLabels labels = usage.labels();
        return List.of(
                usage.mig(),
                labels.kind(),
                labels.workload(),
                labels.namespace(),
                labels.pod(),
                labels.container(),
                labels.containerId());
    }

    private static List<String> info(WorkloadUsage usage) {
        ContainerDetails details = usage.details();
        boolean ofUser =
                !List.of("container", "pod", "lxc").contains(usage.labels().kind());
        return List.of(
                text(usage.runtime()),
                details == null ? "" : details.image(),
                text(usage.podUid()),
                text(usage.qos()),
                ofUser ? text(usage.common(ProcessUsage::uid)) : "",
                ofUser ? text(usage.common(ProcessUsage::user)) : "");
    }

    private static Map<String, String> containerLabels(WorkloadUsage usage) {
        return usage.details() == null ? Map.of() : usage.details().labels();
    }

    private static Family utilizations(Engine engine, String busy) {
        return processes(
                engine.key() + "_utilization_ratio",
                "Share of the time since the sample before in which " + busy
                        + ". Absent where the driver does not tell, as with MIG",
                usage -> usage.utilization().get(engine));
    }

    private static Family processes(String name, String help, Function<ProcessUsage, @Nullable Number> value) {
        return PROCESSES.summed(
                "gpu_process_" + name,
                help + "; type: C compute, G graphics, M MPS. Only with --collect.processes.",
                value);
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }
}
