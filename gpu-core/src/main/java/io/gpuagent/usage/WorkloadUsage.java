package io.gpuagent.usage;

import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerDetails.KubernetesNames;
import io.gpuagent.workload.Workload;
import io.gpuagent.workload.WorkloadLabels;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one workload uses of one GPU, or of one MIG instance of it.
 *
 * @param mig {@code GI:CI}; empty without MIG
 * @param details what the container's runtime says of it; null for other workloads and for containers without a name yet
 * @param processes never empty
 */
public record WorkloadUsage(
        WorkloadLabels labels,
        String mig,
        Workload workload,
        @Nullable ContainerDetails details,
        List<ProcessUsage> processes) {

    /** What workloads beyond the limit of accounts are called together. */
    static final WorkloadLabels OTHER = new WorkloadLabels("", "(other)", "", "", "", "");

    public WorkloadUsage {
        processes = List.copyOf(processes);
    }

    /** Workloads as one without a name of its own; empty if there are none. */
    static Optional<WorkloadUsage> other(List<WorkloadUsage> usages) {
        List<ProcessUsage> all =
                usages.stream().flatMap(usage -> usage.processes().stream()).toList();
        return all.isEmpty()
                ? Optional.empty()
                : Optional.of(new WorkloadUsage(OTHER, "", new Workload.HostProcess(OTHER.workload()), null, all));
    }

    /** The container's runtime; null for other workloads, and where neither its path nor its details tell. */
    public @Nullable String runtime() {
        if (details != null) {
            return details.runtime();
        }
        return workload instanceof Workload.Container container ? container.runtime() : null;
    }

    /** The pod that the workload is, or is in; null outside a pod. */
    public @Nullable String podUid() {
        String own = workload instanceof Workload.Pod pod ? pod.uid() : null;
        String path = workload instanceof Workload.Container container ? container.podUid() : own;
        KubernetesNames names = details == null ? null : details.kubernetes();
        return path == null && names != null ? names.podUid() : path;
    }

    /** That pod's quality of service; null where it is not told. */
    public @Nullable String qos() {
        String own = workload instanceof Workload.Pod pod ? pod.qos() : null;
        String path = workload instanceof Workload.Container container ? container.qos() : own;
        KubernetesNames names = details == null ? null : details.kubernetes();
        return path == null && names != null ? names.qos() : path;
    }

    /**
     * What is common to all processes, such as the user they run as; null if they differ, or if one does not have it.
     */
    public <T> @Nullable T common(Function<ProcessUsage, @Nullable T> property) {
        T first = property.apply(processes.get(0));
        return processes.stream().allMatch(process -> Objects.equals(property.apply(process), first)) ? first : null;
    }

    /** Bytes held by those processes whose memory the driver tells; empty if it tells none. */
    public OptionalLong memoryBytes() {
        return processes.stream()
                .map(usage -> usage.process().memoryBytes())
                .filter(Objects::nonNull)
                .mapToLong(Long::longValue)
                .reduce(Long::sum);
    }

    /**
     * The sum of the shares of time in which each process ran a kernel: of those whose share the driver tells; empty if it tells none.
     * Above 1 where processes take turns within the driver's sampling window.
     */
    public OptionalDouble smRatio() {
        return processes.stream()
                .map(ProcessUsage::smRatio)
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .reduce(Double::sum);
    }

    /** The number of processes whose memory the driver does not tell. */
    public int unknownMemoryProcesses() {
        return (int) processes.stream()
                .filter(usage -> usage.process().memoryBytes() == null)
                .count();
    }
}
