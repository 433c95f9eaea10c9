package io.gpuagent.usage;

import io.gpuagent.device.Engine;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.ProcessUtilization;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerDirectory;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.Resolution;
import io.gpuagent.workload.Workload;
import io.gpuagent.workload.WorkloadLabels;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A GPU's memory, divided among the workloads on it. {@code used = Σ workloads + unattributed} is exact to the byte,
 * whatever the driver returns.
 *
 * @param processListUp false if the process list could not be read; there are no workloads and no unattributed memory
 *     in this case
 * @param workloads sorted by MIG instance and labels
 * @param others the number of workloads above the account limit, which are merged into {@link WorkloadUsage#OTHER}
 * @param unattributedBytes memory in use that belongs to no known workload; negative if the processes' memory exceeds
 *     the device's used memory; null for a GPU without memory figures or without a process list
 */
public record Attribution(
        boolean processListUp,
        List<WorkloadUsage> workloads,
        int others,
        @Nullable Long unattributedBytes) {

    static final Comparator<WorkloadUsage> ORDER = Comparator.<WorkloadUsage>comparingInt(
                    usage -> usage.mig().length()) // sorts 7:0 before 10:0
            .thenComparing(WorkloadUsage::mig)
            .thenComparing(usage -> usage.labels().kind())
            .thenComparing(usage -> usage.labels().workload())
            .thenComparing(usage -> usage.labels().containerId())
            .thenComparing(usage -> usage.labels().user());

    public Attribution {
        workloads = List.copyOf(workloads);
    }

    /** Creates an attribution without merged workloads. */
    public Attribution(boolean processListUp, List<WorkloadUsage> workloads, @Nullable Long unattributedBytes) {
        this(processListUp, workloads, 0, unattributedBytes);
    }

    /**
     * Attributes the processes in a sample to workloads.
     *
     * @param resolutions by pid; a missing pid counts as unresolved
     */
    public static Attribution of(GpuSample sample, Map<Integer, Resolution> resolutions, ContainerDirectory directory) {
        if (!(sample.processes() instanceof ProcessList.Known list)) {
            return new Attribution(false, List.of(), null);
        }
        Map<DeviceWorkload, Share> shares = new LinkedHashMap<>();
        for (GpuProcess process : list.processes()) {
            if (resolutions.get(process.pid()) instanceof Resolution.Resolved resolved) {
                Workload workload = resolved.workload();
                WorkloadLabels labels = labels(workload, resolved.comm(), resolved.user(), directory);
                DeviceWorkload key = new DeviceWorkload(labels, process.mig());
                shares.computeIfAbsent(
                                key, unused -> new Share(workload, details(workload, directory), new ArrayList<>()))
                        .processes()
                        .add(usage(process, resolved, sample.utilization()));
            }
        }
        List<WorkloadUsage> workloads = shares.entrySet().stream()
                .map(entry -> usage(entry.getKey(), entry.getValue()))
                .sorted(ORDER)
                .toList();
        return new Attribution(true, workloads, unattributed(sample.memory(), workloads));
    }

    /** Returns this attribution with other workloads. */
    Attribution with(List<WorkloadUsage> other, int merged) {
        return new Attribution(processListUp, other.stream().sorted(ORDER).toList(), merged, unattributedBytes);
    }

    private record DeviceWorkload(WorkloadLabels labels, String mig) {}

    private record Share(Workload workload, @Nullable ContainerDetails details, List<ProcessUsage> processes) {}

    private static ProcessUsage usage(
            GpuProcess process, Resolution.Resolved resolved, @Nullable ProcessUtilization utilization) {
        Map<Engine, Double> shares = utilization == null ? Map.of() : utilization.of(process.pid());
        return new ProcessUsage(process, resolved.comm(), resolved.uid(), resolved.user(), shares);
    }

    private static WorkloadUsage usage(DeviceWorkload key, Share share) {
        // Only a container has details: the details of a pod's container do not describe the pod, and a guest has only
        // a name.
        ContainerDetails own = key.labels().kind().equals("container") ? share.details() : null;
        return new WorkloadUsage(key.labels(), key.mig(), share.workload(), own, share.processes());
    }

    /** Updates a workload's details and labels from the directory. */
    static WorkloadUsage named(WorkloadUsage usage, ContainerDirectory directory) {
        ProcessUsage process = usage.processes().get(0);
        WorkloadLabels labels = labels(usage.workload(), process.comm(), process.user(), directory);
        return usage(
                new DeviceWorkload(labels, usage.mig()),
                new Share(usage.workload(), details(usage.workload(), directory), usage.processes()));
    }

    private static WorkloadLabels labels(Workload workload, String comm, String user, ContainerDirectory directory) {
        return WorkloadLabels.of(workload, comm, user, owner -> details(owner, directory));
    }

    private static @Nullable ContainerDetails details(Workload workload, ContainerDirectory directory) {
        return workload instanceof Workload.Named owner
                        && !owner.isNamedByItsId()
                        && directory.find(owner) instanceof ContainerLookup.Known known
                ? known.details()
                : null;
    }

    /**
     * Looks up the name of a workload. While the name of an outer owner is still being looked up, returns that lookup.
     * Empty for a workload whose name does not come from the directory.
     */
    static Optional<ContainerLookup> lookup(Workload workload, ContainerDirectory directory) {
        Optional<ContainerLookup> outer =
                workload.outer() == null ? Optional.empty() : lookup(workload.outer(), directory);
        if (!(workload instanceof Workload.Named owner)
                || owner.isNamedByItsId()
                || outer.filter(Attribution::mayChange).isPresent()) {
            return outer;
        }
        return Optional.of(directory.find(owner));
    }

    /** Whether the name may still be found. */
    static boolean mayChange(ContainerLookup lookup) {
        return lookup instanceof ContainerLookup.Unknown unknown
                && (unknown.reason() == ContainerLookup.Reason.PENDING
                        || unknown.reason() == ContainerLookup.Reason.UNAVAILABLE);
    }

    private static @Nullable Long unattributed(@Nullable GpuMemory memory, List<WorkloadUsage> workloads) {
        if (memory == null) {
            return null;
        }
        long attributed = workloads.stream()
                .mapToLong(usage -> Objects.requireNonNullElse(usage.memoryBytes(), 0L))
                .sum();
        return memory.usedBytes() - attributed;
    }
}
