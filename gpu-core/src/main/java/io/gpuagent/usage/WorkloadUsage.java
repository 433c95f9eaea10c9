package io.gpuagent.usage;

import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.Workload;
import io.gpuagent.workload.WorkloadLabels;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
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

    public WorkloadUsage {
        processes = List.copyOf(processes);
    }

    /** Bytes held by those processes whose memory the driver tells; empty if it tells none. */
    public OptionalLong memoryBytes() {
        return processes.stream()
                .map(usage -> usage.process().memoryBytes())
                .filter(Objects::nonNull)
                .mapToLong(Long::longValue)
                .reduce(Long::sum);
    }

    /** The number of processes whose memory the driver does not tell. */
    public int unknownMemoryProcesses() {
        return (int) processes.stream()
                .filter(usage -> usage.process().memoryBytes() == null)
                .count();
    }
}
