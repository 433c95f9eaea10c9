package io.gpuagent.usage;

import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
import io.gpuagent.workload.WorkloadLabels;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The use of one GPU or MIG instance by one workload.
 *
 * @param mig {@code GI:CI}; empty without MIG
 * @param details the details from the container runtime; null if the workload is not a container or its name is not
 *     known yet
 * @param processes the workload's processes on the GPU or MIG instance; never empty
 */
public record WorkloadUsage(
        WorkloadLabels labels,
        String mig,
        Workload workload,
        @Nullable ContainerDetails details,
        List<ProcessUsage> processes) {

    /** The names of the labels that identify a workload on a GPU, in metrics, JSON, CSV and reports. */
    public static final List<String> LABEL_NAMES =
            List.of("mig", "kind", "workload", "namespace", "pod", "container", "container_id", "user", "batch_job");

    /** The labels of the workload that combines all workloads above the account limit. */
    static final WorkloadLabels OTHER = new WorkloadLabels("", "(other)", "", "", "", "");

    public WorkloadUsage {
        processes = List.copyOf(processes);
    }

    /** Merges workloads into one with the labels {@link #OTHER}; empty if there are none. */
    static Optional<WorkloadUsage> other(List<WorkloadUsage> usages) {
        List<ProcessUsage> all =
                usages.stream().flatMap(usage -> usage.processes().stream()).toList();
        return all.isEmpty()
                ? Optional.empty()
                : Optional.of(new WorkloadUsage(OTHER, "", new Workload.HostProcess(OTHER.workload()), null, all));
    }

    /** The values of the labels, in the order of {@link #LABEL_NAMES}. An unset label is empty. */
    public List<String> labelValues() {
        return List.of(
                mig,
                labels.kind(),
                labels.workload(),
                labels.namespace(),
                labels.pod(),
                labels.container(),
                labels.containerId(),
                labels.user(),
                labels.batchJob());
    }

    /**
     * The container runtime. Null if the workload is not a container, or if neither the cgroup path nor the details
     * name the runtime.
     */
    public @Nullable ContainerRuntime runtime() {
        if (details != null) {
            return details.runtime();
        }
        return workload instanceof Workload.Container container ? container.runtime() : null;
    }

    /** The UID of the workload's pod, as the host's kubelet assigned it; null if the workload is not in a pod. */
    public @Nullable String podUid() {
        Workload owner = outermost();
        String own = owner instanceof Workload.Pod pod ? pod.uid() : null;
        return owner instanceof Workload.Container container ? container.podUid() : own;
    }

    /** The pod's quality of service class; null if unknown. */
    public @Nullable String qos() {
        Workload owner = outermost();
        String own = owner instanceof Workload.Pod pod ? pod.qos() : null;
        return owner instanceof Workload.Container container ? container.qos() : own;
    }

    private Workload outermost() {
        Workload owner = workload;
        while (owner.outer() != null) {
            owner = owner.outer();
        }
        return owner;
    }

    /**
     * The value of a property that all processes share, such as the user. Null if the values differ or a process does
     * not have the property.
     */
    public <T> @Nullable T common(Function<ProcessUsage, @Nullable T> property) {
        T first = property.apply(processes.get(0));
        return processes.stream().allMatch(process -> Objects.equals(property.apply(process), first)) ? first : null;
    }

    /**
     * The memory held by the processes, in bytes. Processes with unknown memory are not counted. Null if it is unknown
     * for all processes.
     */
    public @Nullable Long memoryBytes() {
        Long sum = null;
        for (ProcessUsage usage : processes) {
            Long bytes = usage.process().memoryBytes();
            if (bytes != null) {
                sum = sum == null ? bytes : Long.valueOf(sum + bytes);
            }
        }
        return sum;
    }

    /**
     * The sum of the SM utilization of those processes for which the driver reports it; null if it reports none. The
     * sum may exceed 1 if processes alternate within the driver's sampling window.
     */
    public @Nullable Double smRatio() {
        Double sum = null;
        for (ProcessUsage usage : processes) {
            Double ratio = usage.smRatio();
            if (ratio != null) {
                sum = sum == null ? ratio : Double.valueOf(sum + ratio);
            }
        }
        return sum;
    }

    /** The number of processes whose memory the driver does not report. */
    public int unknownMemoryProcesses() {
        return (int) processes.stream()
                .filter(usage -> usage.process().memoryBytes() == null)
                .count();
    }
}
