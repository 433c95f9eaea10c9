package io.gpuagent.agent.metrics;

import io.gpuagent.device.Engine;
import io.gpuagent.usage.Account;
import io.gpuagent.usage.ProcessUsage;
import io.gpuagent.usage.WorkloadUsage;
import io.gpuagent.workload.ContainerDetails;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The metric families of workloads and, if enabled, of their processes. */
final class WorkloadFamilies {

    private static final LabelledItems<WorkloadUsage> USAGES = BoardFamilies.LIVE.each(
            live -> live.attribution().workloads().stream(), WorkloadUsage.LABEL_NAMES, WorkloadUsage::labelValues);

    private static final LabelledItems<Account> ACCOUNTS = BoardFamilies.BOARDS.each(
            gpu -> gpu.accounts().stream(),
            WorkloadUsage.LABEL_NAMES,
            account -> account.usage().labelValues());

    private static final LabelledItems<ProcessUsage> PROCESSES = USAGES.each(
            usage -> usage.processes().stream(),
            List.of("pid", "type", "uid", "comm"),
            usage -> List.of(
                    Integer.toString(usage.process().pid()), usage.process().type(), text(usage.uid()), usage.comm()));

    private static final List<Family> HELD = List.of(
            USAGES.summed(
                    "gpu_workload_memory_bytes",
                    "Memory that the workload's processes hold on the GPU, in bytes. Counts only processes whose memory the driver"
                            + " reports; absent if it reports none.",
                    WorkloadUsage::memoryBytes),
            USAGES.summed(
                    "gpu_workload_sm_utilization_ratio",
                    "Fraction of the time since the previous sample in which a kernel of the workload ran, summed over its processes."
                            + " Busy time, not capacity used; may exceed 1 if processes share the GPU. Absent if the driver does not"
                            + " report it, as with MIG.",
                    WorkloadUsage::smRatio),
            USAGES.summed(
                    "gpu_workload_processes",
                    "Number of the workload's processes on the GPU.",
                    usage -> usage.processes().size()),
            USAGES.summed(
                    "gpu_workload_unknown_memory_processes",
                    "Number of the workload's processes whose memory the driver does not report.",
                    WorkloadUsage::unknownMemoryProcesses));

    private static final String KEPT = ". Exported until 15 minutes after the workload has ended."
            + " A new series starts at its true value, which increase() misses: see Totals in the documentation.";

    private static final List<Family> ACCOUNTED = List.of(
            ACCOUNTS.gauge(
                    "gpu_workload_memory_peak_bytes",
                    "Largest sample of the workload's memory within --peak-window, in bytes. Includes workloads that have ended"
                            + " since. If accounting mode is enabled in the driver, a process that ended within the window contributes"
                            + " its lifetime maximum.",
                    Account::peakBytes),
            ACCOUNTS.counter(
                    "gpu_workload_memory_byte_seconds_total",
                    "Memory of the workload integrated over time, in byte-seconds" + KEPT,
                    Account::memoryByteSeconds),
            ACCOUNTS.counter(
                    "gpu_workload_sm_seconds_total",
                    "Time in which a kernel of the workload ran, summed over its processes, in seconds" + KEPT,
                    Account::smSeconds),
            ACCOUNTS.counter(
                    "gpu_workload_energy_joules_total",
                    "Energy of the GPU charged to the workload, in joules, in proportion to the time in which its kernels ran. An"
                            + " estimate, not a measurement. The rest is in gpu_energy_unattributed_joules_total"
                            + KEPT,
                    Account::energyJoules),
            ACCOUNTS.each(account -> account.xids().entrySet().stream(), List.of("xid"), xid -> List.of(xid.getKey()))
                    .counter(
                            "gpu_workload_xid_errors_total",
                            "Xid errors that the driver reported for the GPU or the MIG instance while the workload was on it, according to the"
                                    + " last sample before the error. Counted for every workload there, regardless of the cause"
                                    + KEPT,
                            Map.Entry::getValue));

    private static final List<Family> PER_PROCESS = List.of(
            processes(
                    "memory_bytes",
                    "Memory that the process holds on the GPU, in bytes",
                    usage -> usage.process().memoryBytes()),
            utilizations(Engine.SM, "a kernel of the process ran (busy time, not capacity used)"),
            utilizations(Engine.MEMORY, "the process read or wrote memory (busy time, not bytes held)"),
            utilizations(Engine.ENCODER, "the process used the video encoders"),
            utilizations(Engine.DECODER, "the process used the video decoders"));

    private WorkloadFamilies() {}

    static Stream<Family> all(MetricOptions options) {
        Stream<Family> processes = options.perProcess() ? PER_PROCESS.stream() : Stream.of();
        Stream<Family> info = Stream.of(info(ContainerLabels.of(options.containerLabels())));
        return Stream.of(HELD.stream(), ACCOUNTED.stream(), info, processes).flatMap(families -> families);
    }

    /** One series per workload that is on a GPU now or has an account. */
    private static Family info(ContainerLabels exported) {
        return USAGES.and(ACCOUNTS.each(account -> Stream.of(account.usage())))
                .with(List.of("runtime", "image", "pod_uid", "qos", "uid"), WorkloadFamilies::info)
                .with(List.copyOf(exported.names().values()), usage -> exported.values(containerLabels(usage)))
                .info(
                        "gpu_workload_info",
                        "Constant properties of a workload. Value is always 1. uid: the real uid of the processes, if they share one"
                                + " and the workload has a user. label_*: the container labels listed in --container.labels.");
    }

    private static List<String> info(WorkloadUsage usage) {
        ContainerDetails details = usage.details();
        return List.of(
                usage.runtime() == null ? "" : usage.runtime().label(),
                details == null ? "" : details.image(),
                text(usage.podUid()),
                text(usage.qos()),
                usage.labels().user().isEmpty() ? "" : text(usage.common(ProcessUsage::uid)));
    }

    private static Map<String, String> containerLabels(WorkloadUsage usage) {
        return usage.details() == null ? Map.of() : usage.details().labels();
    }

    private static Family utilizations(Engine engine, String busy) {
        return processes(
                engine.key() + "_utilization_ratio",
                "Fraction of the time since the previous sample in which " + busy
                        + ". Absent if the driver does not report it, as with MIG",
                usage -> usage.utilization().get(engine));
    }

    private static Family processes(String name, String help, Function<ProcessUsage, @Nullable Number> value) {
        return PROCESSES.summed(
                "gpu_process_" + name,
                help + ". Label type: C compute, G graphics, M MPS. Only with --collect.processes.",
                value);
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }
}
