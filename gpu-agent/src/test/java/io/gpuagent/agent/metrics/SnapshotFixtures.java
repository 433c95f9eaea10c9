package io.gpuagent.agent.metrics;

import static io.gpuagent.agent.metrics.SnapshotParts.MIB;
import static io.gpuagent.agent.metrics.SnapshotParts.NOW;
import static io.gpuagent.agent.metrics.SnapshotParts.busy;
import static io.gpuagent.agent.metrics.SnapshotParts.container;
import static io.gpuagent.agent.metrics.SnapshotParts.details;
import static io.gpuagent.agent.metrics.SnapshotParts.identity;
import static io.gpuagent.agent.metrics.SnapshotParts.ivw;
import static io.gpuagent.agent.metrics.SnapshotParts.live;
import static io.gpuagent.agent.metrics.SnapshotParts.named;
import static io.gpuagent.agent.metrics.SnapshotParts.process;
import static io.gpuagent.agent.metrics.SnapshotParts.usage;
import static io.gpuagent.agent.metrics.SnapshotParts.uuid;
import static io.gpuagent.agent.metrics.SnapshotParts.v1;
import static io.gpuagent.agent.metrics.SnapshotParts.v2;

import io.gpuagent.device.BackendUnavailableException;
import io.gpuagent.device.CallFault;
import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.Engine;
import io.gpuagent.device.GpuDetail;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.MigInstance;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.Reading;
import io.gpuagent.usage.Account;
import io.gpuagent.usage.Attribution;
import io.gpuagent.usage.BackendState;
import io.gpuagent.usage.DurationHistogram;
import io.gpuagent.usage.Energy;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.SamplerTotals;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.usage.WorkloadUsage;
import io.gpuagent.usage.XidCount;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Resolution;
import io.gpuagent.workload.Workload;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Snapshots for the tests of all output formats. */
public final class SnapshotFixtures {

    private static final BackendState UP = new BackendState("nvml", true, true, "580.95.05", null, "");
    private static final CallFault LOST = new CallFault("nvmlDeviceGetMemoryInfo_v2", "GPU_IS_LOST");
    private static final DurationHistogram DURATIONS = new DurationHistogram(
            List.of(0L, 3L, 9L, 10L, 10L, 10L, 10L, 10L, 10L, 10L, 10L, 10L, 11L), Duration.ofMillis(5642));

    private SnapshotFixtures() {}

    /** Two GPUs, one per version of the memory call, with every kind of workload. */
    public static Snapshot twoGpus() {
        GpuUsage old = live(
                identity(0, "Tesla P4"),
                v1(2822),
                List.of(new Reading(DeviceMetric.TEMPERATURE, 41)),
                ivw(835L),
                named("ivws-channels", "a78fcbd9564f", 1933L),
                usage(new Workload.Unit("ollama.service", null), null, "", process(77, 44L, "ollama", 998)));
        GpuUsage recent = live(
                identity(1, "NVIDIA H100 80GB HBM3"),
                v2(5000),
                List.of(
                        new Reading(DeviceMetric.UTILIZATION, 0.97),
                        new Reading(DeviceMetric.POWER, 411.5),
                        new Reading(DeviceMetric.POWER_LIMIT, 700)),
                usage(
                        new Workload.Job("4711"),
                        null,
                        "",
                        process(101, 1000L, "python3", 1000),
                        process(102, 24L, "python3", 1001)),
                usage(new Workload.Lxc("guest"), null, "", process(103, 512L, "python3", 100000)),
                usage(
                        new Workload.Pod("3f1d7c0a-1b3c-4c0f-9a55-0d7c8f1f2a10", "burstable"),
                        null,
                        "",
                        process(104, 8L, "pause", 0)),
                usage(
                        new Workload.HostProcess("Xorg"),
                        null,
                        "",
                        process(105, 99L, "Xorg", 0),
                        process(106, 1L, "Xorg", 1000)),
                usage(container("0badc0ffee00", ContainerRuntime.PODMAN), null, "", process(107, 2L, "train", null)));
        return snapshot(old, recent);
    }

    /** A reading of every metric in the catalogue; each label's value is its name. */
    public static Snapshot everyReading() {
        List<Reading> readings = Arrays.stream(DeviceMetric.values())
                .map(metric -> new Reading(metric, metric.labels(), 1 + metric.ordinal()))
                .toList();
        Map<GpuDetail, String> details = Arrays.stream(GpuDetail.values())
                .collect(Collectors.toMap(Function.identity(), detail -> "the " + detail.label()));
        GpuIdentity known = identity(0, "NVIDIA H100 80GB HBM3");
        GpuIdentity detailed = new GpuIdentity(0, known.uuid(), known.model(), known.pciBusId(), details);
        return snapshot(live(detailed, v2(100), readings));
    }

    /** Memory that the driver does not report: of some processes, of all processes, of the GPU itself. */
    public static Snapshot unknownMemory() {
        return snapshot(
                live(
                        identity(0, "NVIDIA GeForce RTX 4090"),
                        v2(100),
                        List.of(),
                        named("some", "5050505050", 10L, null),
                        named("none", "4040404040", null, null)),
                live(identity(1, "NVIDIA GB10"), null, List.of(), named("gb10", "1010101010", 300L)));
    }

    /** Accounts of a running workload, of an ended one, of one whose memory was never known, and of a stalled GPU. */
    public static Snapshot accounts() {
        WorkloadUsage here = busy(ivw(835L), Map.of(Engine.SM, 0.75, Engine.MEMORY, 0.5, Engine.ENCODER, 0.25));
        WorkloadUsage gone = named("gone", "9090909090", 100L);
        WorkloadUsage silent = usage(new Workload.Unit("silent.service", null), null, "", process(7, null, "x", 998));
        GpuUsage live = live(identity(0, "Tesla P4"), v2(1000), List.of(), here, silent);
        GpuUsage stalled = new GpuUsage(identity(1, "Tesla P4"), new GpuState.Stalled("nvmlDeviceGetMemoryInfo", NOW));
        return snapshot(
                new GpuUsage(
                        live.identity(),
                        live.state(),
                        live.memoryApi(),
                        List.of(
                                new Account(here, 1.5e12, 900 * MIB, 20.25, 3150.5, Map.of("13", 2L, "31", 1L)),
                                new Account(gone, 3.25e9, null, 7.5, 125.25, Map.of("31", 10_000L)),
                                new Account(silent, null, null, null, null, Map.of())),
                        12.5,
                        new Energy(4000, 724.25),
                        List.of(
                                new XidCount("13", 2, NOW.minusSeconds(40)),
                                new XidCount("31", 10_001, NOW.minusMillis(1500)),
                                new XidCount(XidCount.OTHER, 7, NOW))),
                new GpuUsage(
                        stalled.identity(),
                        stalled.state(),
                        null,
                        List.of(new Account(here, 7e9, 835 * MIB, null, null, Map.of("119", 1L))),
                        0,
                        new Energy(50, 50),
                        List.of(new XidCount("119", 1, NOW))));
    }

    public static Snapshot negativeUnattributed() {
        return snapshot(live(identity(0, "Tesla T4"), v2(10), List.of(), named("greedy", "9999999999", 12L)));
    }

    public static Snapshot unreadableList() {
        ProcessList unreadable =
                new ProcessList.Unreadable(new CallFault("nvmlDeviceGetComputeRunningProcesses_v3", "UNKNOWN"));
        GpuSample sample = new GpuSample(v2(700), unreadable, List.of(), List.of(), List.of());
        return snapshot(
                new GpuUsage(
                        identity(0, "Tesla T4"),
                        new GpuState.Live(NOW, sample, new Attribution(false, List.of(), null))),
                live(identity(1, "Tesla T4"), v2(64), List.of(), named("fine", "1212121212", 60L)));
    }

    public static Snapshot oneOfEachState() {
        return snapshot(
                new GpuUsage(
                        identity(0, "Tesla T4"), new GpuState.Stalled("nvmlDeviceGetPowerUsage", NOW.minusSeconds(90))),
                new GpuUsage(identity(1, "Tesla T4"), new GpuState.Lost(LOST, NOW.minusSeconds(30))),
                new GpuUsage(identity(2, "Tesla T4"), new GpuState.Starting()),
                new GpuUsage(new GpuIdentity(3, "", "", ""), new GpuState.Lost(LOST, NOW)),
                live(identity(4, "Tesla T4"), v2(0), List.of()));
    }

    public static Snapshot beforeTheFirstSample() {
        BackendState unknown = new BackendState("nvml", false, false, "", null, "");
        return new Snapshot(null, unknown, List.of(), Map.of(), Map.of(), totals(DurationHistogram.EMPTY));
    }

    public static Snapshot noDriver() {
        BackendState down = new BackendState(
                "nvml",
                false,
                true,
                "",
                BackendUnavailableException.Reason.NO_LIBRARY,
                "libnvidia-ml.so.1 was <not> found");
        return new Snapshot(null, down, List.of(), Map.of(), Map.of(), totals(DurationHistogram.EMPTY));
    }

    public static Snapshot stale() {
        BackendState down = new BackendState("nvml", false, true, "580.95.05", null, "sampling has stopped");
        return new Snapshot(NOW.minusSeconds(60), down, List.of(), Map.of(), Map.of(), totals(DURATIONS));
    }

    public static Snapshot simulated() {
        Snapshot real = twoGpus();
        BackendState state = new BackendState("simulated", true, true, "580.95.05", null, "");
        return new Snapshot(real.time(), state, real.gpus(), real.unresolved(), real.unnamed(), real.totals());
    }

    /** Hostile names. Two of them are equal once their lone surrogates have been replaced. */
    public static Snapshot hostileNames() {
        return snapshot(live(
                identity(0, "Tesla \"T4\"\\\n{x=\"y\"} 1 # EOF"),
                v2(100),
                List.of(),
                named("quote\" backslash\\ newline\n tab\t", "7777777777", 1L),
                usage(new Workload.HostProcess("lone\ud800"), null, "", process(1, 2L, "lone\ud800", 0)),
                usage(new Workload.HostProcess("lone\udc00"), null, "", process(2, 3L, "lone\udc00", 0)),
                usage(new Workload.HostProcess("\u202eüberß\u0007 \ud83d\ude00"), null, "", process(3, 4L, "x", 0))));
    }

    /**
     * One container on two MIG instances, idle instances, two instances that share their memory, and two GPUs that
     * report the same UUID.
     */
    public static Snapshot mig() {
        Workload.Container container = container("2222222222", ContainerRuntime.DOCKER);
        ContainerDetails details = details("trainer", null);
        GpuIdentity twin = new GpuIdentity(1, uuid(0), "NVIDIA A100-SXM4-40GB", "00000000:01:00.0");
        return snapshot(
                divided(
                        live(
                                identity(0, "NVIDIA A100-SXM4-40GB"),
                                v2(900),
                                List.of(),
                                usage(container, details, "1:0", process(11, 100L, "a", 0, "1:0")),
                                usage(container, details, "2:0", process(12, 200L, "b", 0, "2:0"))),
                        new MigInstance(1, 0, "MIG-1", "1c.3g.20gb", v2(150)),
                        new MigInstance(1, 1, "MIG-2", "2c.3g.20gb", v2(150)),
                        new MigInstance(2, 0, "MIG-3", "1g.5gb", v1(200)),
                        new MigInstance(13, 0, "MIG-4", "1g.5gb+me", null)),
                live(twin, v2(40), List.of(), named("other", "3333333333", 40L)));
    }

    /** The given number of GPUs, each with this many processes in half as many containers. */
    public static Snapshot large(int gpus, int processes) {
        return snapshot(IntStream.range(0, gpus)
                .mapToObj(gpu -> live(
                        identity(gpu, "NVIDIA H100 80GB HBM3"),
                        v2(80_000),
                        List.of(new Reading(DeviceMetric.UTILIZATION, 0.5), new Reading(DeviceMetric.TEMPERATURE, 50)),
                        IntStream.range(0, processes / 2)
                                .mapToObj(i -> named("worker-" + i, "%010d".formatted(1000 * gpu + i), 100L, 60L))
                                .toArray(WorkloadUsage[]::new)))
                .toArray(GpuUsage[]::new));
    }

    private static Snapshot snapshot(GpuUsage... gpus) {
        return new Snapshot(
                NOW,
                UP,
                List.of(gpus),
                Map.of(Resolution.Reason.EXITED, 2),
                Map.of(ContainerLookup.Reason.PENDING, 1),
                totals(DURATIONS));
    }

    private static SamplerTotals totals(DurationHistogram durations) {
        return new SamplerTotals(
                durations.count() == 0 ? Map.of() : Map.of(LOST, 3L, new CallFault("nvmlInit_v2", "CODE_1234"), 1L),
                durations.count() == 0 ? Map.of() : Map.of("over_range", 4L),
                Duration.ofSeconds(1),
                durations);
    }

    /** The GPU, divided into MIG instances. */
    public static GpuUsage divided(GpuUsage gpu, MigInstance... instances) {
        GpuState.Live live = (GpuState.Live) gpu.state();
        GpuSample whole = live.sample();
        GpuSample sample = new GpuSample(
                whole.memory(),
                whole.processes(),
                List.of(instances),
                whole.readings(),
                null,
                null,
                Map.of(),
                List.of(),
                List.of());
        return new GpuUsage(gpu.identity(), new GpuState.Live(live.sampledAt(), sample, live.attribution()));
    }
}
