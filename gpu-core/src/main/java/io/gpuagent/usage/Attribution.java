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
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A GPU's memory divided among the workloads on it. Whatever the driver answers,
 * {@code used = Σ workloads + unattributed} holds to the byte.
 *
 * @param processListUp false if the process list could not be read; then there are neither workloads nor an unattributed figure
 * @param workloads in the order of their MIG instance and labels
 * @param others how many workloads are one of these together, being beyond the limit of accounts
 * @param unattributedBytes memory in use that no known workload accounts for; negative where the process list exceeds the device's own
 *     figure; null for a GPU without memory figures or without a process list
 */
public record Attribution(
        boolean processListUp,
        List<WorkloadUsage> workloads,
        int others,
        @Nullable Long unattributedBytes) {

    static final Comparator<WorkloadUsage> ORDER = Comparator.<WorkloadUsage>comparingInt(
                    usage -> usage.mig().length()) // 7:0 before 10:0
            .thenComparing(WorkloadUsage::mig)
            .thenComparing(usage -> usage.labels().kind())
            .thenComparing(usage -> usage.labels().workload())
            .thenComparing(usage -> usage.labels().containerId());

    public Attribution {
        workloads = List.copyOf(workloads);
    }

    /** An attribution in which each workload is one of its own. */
    public Attribution(boolean processListUp, List<WorkloadUsage> workloads, @Nullable Long unattributedBytes) {
        this(processListUp, workloads, 0, unattributedBytes);
    }

    /**
     * Attributes a sample.
     *
     * @param resolutions by pid; a pid that is missing counts as unresolved
     */
    public static Attribution of(GpuSample sample, Map<Integer, Resolution> resolutions, ContainerDirectory directory) {
        if (!(sample.processes() instanceof ProcessList.Known list)) {
            return new Attribution(false, List.of(), null);
        }
        Map<DeviceWorkload, Share> shares = new LinkedHashMap<>();
        for (GpuProcess process : list.processes()) {
            if (resolutions.get(process.pid()) instanceof Resolution.Resolved resolved) {
                ContainerDetails details = details(resolved.workload(), directory);
                DeviceWorkload key = new DeviceWorkload(WorkloadLabels.of(resolved.workload(), details), process.mig());
                shares.computeIfAbsent(key, unused -> new Share(resolved.workload(), details, new ArrayList<>()))
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

    /** This attribution with its workloads divided otherwise, so many of them under one label. */
    Attribution with(List<WorkloadUsage> divided, int together) {
        return new Attribution(processListUp, divided.stream().sorted(ORDER).toList(), together, unattributedBytes);
    }

    private record DeviceWorkload(WorkloadLabels labels, String mig) {}

    private record Share(Workload workload, @Nullable ContainerDetails details, List<ProcessUsage> processes) {}

    private static ProcessUsage usage(
            GpuProcess process, Resolution.Resolved resolved, @Nullable ProcessUtilization utilization) {
        Map<Engine, Double> shares = utilization == null ? Map.of() : utilization.of(process.pid());
        return new ProcessUsage(process, resolved.comm(), resolved.uid(), resolved.user(), shares);
    }

    private static WorkloadUsage usage(DeviceWorkload key, Share share) {
        // A pod is named by one of its containers, whose image and labels are not the pod's.
        ContainerDetails own = share.workload() instanceof Workload.Container ? share.details() : null;
        return new WorkloadUsage(key.labels(), key.mig(), share.workload(), own, share.processes());
    }

    /** A workload with what the directory says of it now. */
    static WorkloadUsage named(WorkloadUsage usage, ContainerDirectory directory) {
        ContainerDetails details = details(usage.workload(), directory);
        DeviceWorkload key = new DeviceWorkload(WorkloadLabels.of(usage.workload(), details), usage.mig());
        return usage(key, new Share(usage.workload(), details, usage.processes()));
    }

    private static @Nullable ContainerDetails details(Workload workload, ContainerDirectory directory) {
        return lookup(workload, directory).orElse(null) instanceof ContainerLookup.Known known ? known.details() : null;
    }

    /** What the directory says of whom a workload is named by; empty for a workload that is not named by a directory. */
    static Optional<ContainerLookup> lookup(Workload workload, ContainerDirectory directory) {
        if (workload instanceof Workload.Pod pod) {
            return Optional.of(directory.find(pod.sandbox()));
        }
        return workload instanceof Workload.Container container && !container.isNamedByItsId()
                ? Optional.of(directory.find(container))
                : Optional.empty();
    }

    private static @Nullable Long unattributed(@Nullable GpuMemory memory, List<WorkloadUsage> workloads) {
        if (memory == null) {
            return null;
        }
        long attributed = workloads.stream()
                .mapToLong(usage -> usage.memoryBytes().orElse(0))
                .sum();
        return memory.usedBytes() - attributed;
    }
}
