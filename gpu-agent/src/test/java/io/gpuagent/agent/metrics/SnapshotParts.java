package io.gpuagent.agent.metrics;

import io.gpuagent.device.Engine;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.Reading;
import io.gpuagent.usage.Attribution;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.ProcessUsage;
import io.gpuagent.usage.WorkloadUsage;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
import io.gpuagent.workload.WorkloadLabels;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Builds the parts of snapshots, with defaults for whatever does not matter to a test. */
final class SnapshotParts {

    static final Instant NOW = Instant.parse("2026-11-23T06:00:00.250Z");
    static final long MIB = 1L << 20;

    private SnapshotParts() {}

    static GpuUsage live(
            GpuIdentity identity, @Nullable GpuMemory memory, List<Reading> readings, WorkloadUsage... workloads) {
        List<GpuProcess> processes = List.of(workloads).stream()
                .flatMap(usage -> usage.processes().stream().map(ProcessUsage::process))
                .toList();
        GpuSample sample = new GpuSample(memory, new ProcessList.Known(processes), readings, List.of(), List.of());
        long attributed = List.of(workloads).stream()
                .mapToLong(usage -> Objects.requireNonNullElse(usage.memoryBytes(), 0L))
                .sum();
        Long unattributed = memory == null ? null : memory.usedBytes() - attributed;
        return new GpuUsage(
                identity, new GpuState.Live(NOW, sample, new Attribution(true, List.of(workloads), unattributed)));
    }

    static GpuIdentity identity(int index, String model) {
        return new GpuIdentity(index, uuid(index), model, "00000000:%02X:00.0".formatted(0x3B + index));
    }

    static String uuid(int index) {
        return "GPU-9ac93f4d-0000-4000-8000-%012d".formatted(index);
    }

    static GpuMemory v1(long used) {
        return new GpuMemory(GpuMemory.Api.V1, 7611 * MIB, used * MIB, (7611 - used) * MIB, null);
    }

    static GpuMemory v2(long used) {
        return new GpuMemory(GpuMemory.Api.V2, 81_559 * MIB, used * MIB, (81_000 - used) * MIB, 559 * MIB);
    }

    private static final String POD_UID = "6ea6ee62-0000-4000-8000-000000000001";

    static WorkloadUsage ivw(long mebibytes) {
        String runtimeName = "k8s_ivw_ivw-1014-66549f8f96-m2gkc_speech_6ea6ee62-0000-4000-8000-000000000001_0";
        ContainerDetails details = details(
                runtimeName,
                new ContainerDetails.KubernetesNames("speech", "ivw-1014-66549f8f96-m2gkc", "ivw", POD_UID, null));
        String id = "0f6a0e913c52" + "0".repeat(52);
        Workload.Container container = new Workload.Container(ContainerRuntime.DOCKER, id, POD_UID, "guaranteed");
        return usage(container, details, "", process(4000, mebibytes, "ivw", 0));
    }

    static WorkloadUsage busy(WorkloadUsage usage, Map<Engine, Double> utilization) {
        List<ProcessUsage> processes = usage.processes().stream()
                .map(each -> new ProcessUsage(each.process(), each.comm(), each.uid(), each.user(), utilization))
                .toList();
        return new WorkloadUsage(usage.labels(), usage.mig(), usage.workload(), usage.details(), processes);
    }

    static WorkloadUsage named(String name, String id, @Nullable Long... mebibytes) {
        ProcessUsage[] processes = IntStream.range(0, mebibytes.length)
                .mapToObj(i -> process(5000 + i, mebibytes[i], "python3", 1000))
                .toArray(ProcessUsage[]::new);
        return usage(container(id, ContainerRuntime.DOCKER), details(name, null), "", processes);
    }

    static Workload.Container container(String id, ContainerRuntime runtime) {
        return new Workload.Container(runtime, (id + "0".repeat(64)).substring(0, 64), null, null);
    }

    static ContainerDetails details(String name, ContainerDetails.@Nullable KubernetesNames kubernetes) {
        return new ContainerDetails(name, ContainerRuntime.DOCKER, "registry.example/app:1.2", Map.of(), kubernetes);
    }

    static WorkloadUsage usage(
            Workload workload, @Nullable ContainerDetails details, String mig, ProcessUsage... processes) {
        // The users of processes in containers are not the host's.
        boolean ofHost = List.of("unit", "job", "process").contains(workload.kind());
        String user = ofHost ? processes[0].user() : "";
        return new WorkloadUsage(
                WorkloadLabels.of(workload, "python3", user, unused -> details),
                mig,
                workload,
                details,
                List.of(processes));
    }

    static ProcessUsage process(int pid, @Nullable Long mebibytes, String comm, @Nullable Integer uid) {
        return process(pid, mebibytes, comm, uid, "");
    }

    static ProcessUsage process(int pid, @Nullable Long mebibytes, String comm, @Nullable Integer uid, String mig) {
        String user = uid == null || uid == 0 ? "" : "user" + uid;
        Long bytes = mebibytes == null ? null : Long.valueOf(mebibytes * MIB);
        return new ProcessUsage(new GpuProcess(pid, mig, bytes, Set.of(GpuProcess.Kind.COMPUTE)), comm, uid, user);
    }
}
