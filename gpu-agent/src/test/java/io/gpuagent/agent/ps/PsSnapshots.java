package io.gpuagent.agent.ps;

import io.gpuagent.device.BackendUnavailableException;
import io.gpuagent.device.CallFault;
import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.Engine;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.MigInstance;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.ProcessUtilization;
import io.gpuagent.device.Reading;
import io.gpuagent.usage.Attribution;
import io.gpuagent.usage.BackendState;
import io.gpuagent.usage.DurationHistogram;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.SamplerTotals;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Resolution;
import io.gpuagent.workload.Workload;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Hand-made snapshots for the tests of {@code ps}. */
final class PsSnapshots {

    static final Instant TIME = Instant.parse("2026-11-23T12:00:00.250Z");
    static final String TRAINER = "4a1c5e" + "0".repeat(58);
    static final String SPEECH = "0f6a0e913c52" + "1".repeat(52);
    private static final long MIB = 1L << 20;
    private static final SamplerTotals TOTALS =
            new SamplerTotals(Map.of(), Map.of(), Duration.ofSeconds(1), DurationHistogram.EMPTY);
    private static final BackendState UP = new BackendState("nvml", true, true, "580.95.05", null, "");

    private PsSnapshots() {}

    /** A process and its resolution. */
    record Listed(GpuProcess process, Resolution resolution) {}

    /** Two boards: one busy, one idle and without power figures. */
    static Snapshot node() {
        ProcessUtilization utilization = new ProcessUtilization(
                Map.of(4711, Map.of(Engine.SM, 0.5), 4712, Map.of(Engine.SM, 0.125), 900, Map.of()));
        GpuUsage busy = live(
                0,
                "NVIDIA H100 80GB HBM3",
                memory(81_559 * MIB, 31_700 * MIB),
                utilization,
                List.of(
                        listed(4711, "", 24_000 * MIB, container(TRAINER), "python3", 1000),
                        listed(4712, "", 5_000 * MIB, container(TRAINER), "python3", 1000),
                        listed(99, "", 1_400 * MIB, container(SPEECH), "ivw", 0),
                        listed(812, "", 44 * MIB, new Workload.Unit("ollama.service", null), "ollama", 998),
                        listed(900, "", null, new Workload.HostProcess("Xorg"), "Xorg", null)),
                new Reading(DeviceMetric.UTILIZATION, 0.67),
                new Reading(DeviceMetric.TEMPERATURE, 54),
                new Reading(DeviceMetric.POWER, 310.4),
                new Reading(DeviceMetric.POWER_LIMIT, 700));
        GpuUsage idle =
                live(1, "Tesla P4", memory(7_611 * MIB, 300_000), List.of(), new Reading(DeviceMetric.UTILIZATION, 0));
        return snapshot(Map.of(Resolution.Reason.EXITED, 1), Map.of(), busy, idle);
    }

    /** Every problem that a GPU can have. */
    static Snapshot problems() {
        CallFault lost = new CallFault("nvmlDeviceGetHandleByIndex_v2", "GPU_IS_LOST");
        CallFault list = new CallFault("nvmlDeviceGetComputeRunningProcesses_v3", "UNKNOWN");
        Instant since = Instant.parse("2026-11-23T11:58:01.9Z");
        ProcessList.Unreadable unreadable = new ProcessList.Unreadable(list);
        GpuSample noList =
                new GpuSample(memory(80_000 * MIB, 9_000 * MIB), unreadable, List.of(), List.of(), List.of());
        return snapshot(
                Map.of(Resolution.Reason.NO_HOST_PID, 3, Resolution.Reason.UNREADABLE, 1),
                Map.of(ContainerLookup.Reason.UNAVAILABLE, 2, ContainerLookup.Reason.PENDING, 0),
                new GpuUsage(identity(0, "NVIDIA A100"), new GpuState.Stalled("nvmlDeviceGetMemoryInfo_v2", since)),
                new GpuUsage(identity(1, ""), new GpuState.Lost(lost, since)),
                new GpuUsage(identity(2, "NVIDIA A100"), new GpuState.Starting()),
                new GpuUsage(
                        identity(3, "NVIDIA A100"),
                        new GpuState.Live(TIME, noList, new Attribution(false, List.of(), null))),
                live(
                        4,
                        "NVIDIA GB10",
                        null,
                        List.of(
                                listed(5, "", 700 * MIB, new Workload.Job("1234"), "a", 1),
                                listed(6, "", null, new Workload.Job("1234"), "b", 1))));
    }

    /** A board divided into MIG instances. */
    static Snapshot mig() {
        return snapshot(
                Map.of(),
                Map.of(),
                io.gpuagent.agent.metrics.SnapshotFixtures.divided(
                        live(
                                0,
                                "NVIDIA A100-SXM4-40GB",
                                memory(40_000 * MIB, 14_990 * MIB),
                                List.of(
                                        listed(10, "1:0", 10_000 * MIB, container(TRAINER), "python3", 0),
                                        listed(11, "2:0", 5_000 * MIB, container(TRAINER), "python3", 0))),
                        new MigInstance(1, 0, "MIG-1", "1c.3g.20gb", memory(19_968 * MIB, 10_010 * MIB)),
                        new MigInstance(1, 1, "MIG-2", "2c.3g.20gb", memory(19_968 * MIB, 10_010 * MIB)),
                        new MigInstance(2, 0, "MIG-3", "2g.10gb", memory(9_856 * MIB, 5_010 * MIB)),
                        new MigInstance(13, 0, "MIG-4\u001b[2J", "1g.5gb", null)));
    }

    /** Names that contain terminal escapes, formulas and separators. */
    static Snapshot hostile() {
        ContainerDetails evil = new ContainerDetails(
                "=HYPERLINK(\"http://evil\",\"x\")",
                ContainerRuntime.DOCKER,
                "i",
                Map.of(),
                new ContainerDetails.KubernetesNames("-ns", "@pod,1", "+c\r\n", "u", null));
        Workload.Container inPod = new Workload.Container(ContainerRuntime.DOCKER, "=1+1", "u", null);
        Listed process = listed(7, "", 100 * MIB, inPod, "\u001b[2J\"a\",b\u202e", 0);
        Listed other = listed(8, "", 1, new Workload.HostProcess("=cmd|' /C calc'!A0\n模型"), "-x", 0);
        return snapshot(
                Map.of(),
                Map.of(),
                live(
                        0,
                        "Evil\u001b]0;x\u0007, \"GPU\"",
                        memory(1000 * MIB, 200 * MIB),
                        null,
                        List.of(process, other),
                        evil));
    }

    static Snapshot empty() {
        return snapshot(Map.of(), Map.of());
    }

    static Snapshot idle() {
        return snapshot(Map.of(), Map.of(), live(0, "Tesla P4", memory(7_611 * MIB, 0), List.of()));
    }

    static Snapshot noVerdict() {
        return new Snapshot(
                null, new BackendState("nvml", false, false, "", null, ""), List.of(), Map.of(), Map.of(), TOTALS);
    }

    static Snapshot noDriver() {
        BackendState down = new BackendState(
                "nvml",
                false,
                true,
                "",
                BackendUnavailableException.Reason.NO_LIBRARY,
                "libnvidia-ml.so.1 was not found; is a driver installed?");
        return new Snapshot(TIME, down, List.of(), Map.of(), Map.of(), TOTALS);
    }

    static Snapshot at(Snapshot snapshot, Instant time, int pending) {
        return new Snapshot(
                time,
                snapshot.backend(),
                snapshot.gpus(),
                snapshot.unresolved(),
                Map.of(ContainerLookup.Reason.PENDING, pending),
                snapshot.totals());
    }

    static Snapshot simulated(Snapshot snapshot) {
        BackendState backend = new BackendState("simulated", true, true, "580.95.05", null, "");
        return new Snapshot(
                snapshot.time(),
                backend,
                snapshot.gpus(),
                snapshot.unresolved(),
                snapshot.unnamed(),
                snapshot.totals());
    }

    private static Snapshot snapshot(
            Map<Resolution.Reason, Integer> unresolved,
            Map<ContainerLookup.Reason, Integer> unnamed,
            GpuUsage... gpus) {
        return new Snapshot(TIME, UP, List.of(gpus), unresolved, unnamed, TOTALS);
    }

    private static GpuUsage live(
            int index, String model, @Nullable GpuMemory memory, List<Listed> processes, Reading... readings) {
        ContainerDetails trainer =
                new ContainerDetails("trainer", ContainerRuntime.DOCKER, "trainer:3", Map.of(), null);
        return live(index, model, memory, null, processes, trainer, readings);
    }

    private static GpuUsage live(
            int index,
            String model,
            GpuMemory memory,
            ProcessUtilization utilization,
            List<Listed> processes,
            Reading... readings) {
        ContainerDetails trainer =
                new ContainerDetails("trainer", ContainerRuntime.DOCKER, "trainer:3", Map.of(), null);
        return live(index, model, memory, utilization, processes, trainer, readings);
    }

    private static GpuUsage live(
            int index,
            String model,
            @Nullable GpuMemory memory,
            @Nullable ProcessUtilization utilization,
            List<Listed> processes,
            ContainerDetails details,
            Reading... readings) {
        ProcessList list =
                new ProcessList.Known(processes.stream().map(Listed::process).toList());
        GpuSample sample = new GpuSample(
                memory, list, List.of(), List.of(readings), utilization, null, Map.of(), List.of(), List.of());
        Map<Integer, Resolution> resolutions = new HashMap<>(
                processes.stream().collect(Collectors.toMap(row -> row.process().pid(), Listed::resolution)));
        Attribution attribution = Attribution.of(
                sample,
                resolutions,
                container -> container.id().equals(SPEECH)
                        ? new ContainerLookup.Unknown(ContainerLookup.Reason.UNAVAILABLE)
                        : new ContainerLookup.Known(details));
        return new GpuUsage(identity(index, model), new GpuState.Live(TIME, sample, attribution));
    }

    private static Listed listed(
            int pid, String mig, @Nullable Number bytes, Workload workload, String comm, @Nullable Integer uid) {
        Long memory = bytes == null ? null : (Long) bytes.longValue();
        return new Listed(
                new GpuProcess(pid, mig, memory, Set.of(GpuProcess.Kind.COMPUTE)),
                new Resolution.Resolved(workload, comm, uid, ""));
    }

    private static Workload container(String id) {
        return new Workload.Container(ContainerRuntime.DOCKER, id, null, null);
    }

    private static GpuMemory memory(long total, long used) {
        return new GpuMemory(GpuMemory.Api.V2, total, used, total - used, 0L);
    }

    private static GpuIdentity identity(int index, String model) {
        return new GpuIdentity(index, "GPU-5c1f0e1a-000" + index, model, "00000000:3B:00.0");
    }
}
