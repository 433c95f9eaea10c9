package io.gpuagent.agent.metrics;

import io.gpuagent.agent.metrics.Family.Row;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.ProcessUsage;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.usage.WorkloadUsage;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.Workload;
import io.gpuagent.workload.WorkloadLabels;
import io.prometheus.client.Collector.Type;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The families of workloads, and of their processes where those are asked for. */
final class WorkloadFamilies {

    private static final List<String> NINE =
            List.of("gpu", "uuid", "mig", "kind", "workload", "namespace", "pod", "container", "container_id");

    private static final List<Family> WORKLOADS = List.of(
            workloads(
                    "gpu_workload_memory_bytes",
                    "Memory that the workload's processes hold on the GPU, in bytes: of those whose memory the driver tells;"
                            + " no line if it tells none.",
                    usage -> usage.memoryBytes().isPresent()
                            ? usage.memoryBytes().getAsLong()
                            : null),
            workloads(
                    "gpu_workload_processes",
                    "Processes of the workload on the GPU.",
                    usage -> usage.processes().size()),
            workloads(
                    "gpu_workload_unknown_memory_processes",
                    "Processes of the workload whose memory the driver does not tell.",
                    WorkloadUsage::unknownMemoryProcesses),
            Family.of(
                    "gpu_workload_info",
                    Type.INFO,
                    "What is constant of a workload; 1. uid: of units and processes, where all run as one user.",
                    Family.concat(NINE, "runtime", "image", "pod_uid", "qos", "uid", "user"),
                    snapshot -> placed(snapshot).map(WorkloadFamilies::info)));

    private static final Family PROCESSES = Family.summed(
            "gpu_process_memory_bytes",
            "Memory that a process holds on the GPU, in bytes; type: C compute, G graphics, M MPS. Only with --collect.processes.",
            Family.concat(NINE, "pid", "type", "uid"),
            snapshot -> placed(snapshot).flatMap(WorkloadFamilies::processes));

    private WorkloadFamilies() {}

    static Stream<Family> all(boolean perProcess) {
        return Stream.concat(WORKLOADS.stream(), perProcess ? Stream.of(PROCESSES) : Stream.of());
    }

    /** A workload and the GPU it is on. */
    record Placed(GpuUsage gpu, WorkloadUsage usage) {

        List<String> labels() {
            WorkloadLabels labels = usage.labels();
            return Family.concat(
                    BoardFamilies.labels(gpu),
                    usage.mig(),
                    labels.kind(),
                    labels.workload(),
                    labels.namespace(),
                    labels.pod(),
                    labels.container(),
                    labels.containerId());
        }
    }

    static Stream<Placed> placed(Snapshot snapshot) {
        return snapshot.gpus().stream()
                .flatMap(gpu -> BoardFamilies.live(gpu)
                        .flatMap(live -> live.attribution().workloads().stream())
                        .map(usage -> new Placed(gpu, usage)));
    }

    private static Family workloads(String name, String help, Function<WorkloadUsage, @Nullable Number> value) {
        return Family.summed(
                name,
                help,
                NINE,
                snapshot -> placed(snapshot).flatMap(placed -> {
                    Number number = value.apply(placed.usage());
                    return number == null ? Stream.of() : Stream.of(new Row(placed.labels(), number.doubleValue()));
                }));
    }

    private static Stream<Row> processes(Placed placed) {
        List<String> labels = placed.labels();
        return placed.usage().processes().stream()
                .filter(usage -> usage.process().memoryBytes() != null)
                .map(usage -> Row.of(
                        usage.process().memoryBytes(),
                        labels,
                        Integer.toString(usage.process().pid()),
                        usage.process().type(),
                        text(usage.uid())));
    }

    private static Row info(Placed placed) {
        WorkloadUsage usage = placed.usage();
        Origin origin = Origin.of(usage);
        String image = usage.details() == null ? "" : usage.details().image();
        return Row.of(
                1,
                placed.labels(),
                text(origin.runtime()),
                image,
                text(origin.podUid()),
                text(origin.qos()),
                commonUid(usage),
                "");
    }

    /** What a workload's cgroup path, and then the runtime, tell of where it runs. */
    private record Origin(
            @Nullable String runtime,
            @Nullable String podUid,
            @Nullable String qos) {

        static Origin of(WorkloadUsage usage) {
            ContainerDetails details = usage.details();
            if (usage.workload() instanceof Workload.Container container) {
                String runtime = details == null ? container.runtime() : details.runtime();
                return new Origin(runtime, container.podUid(), container.qos());
            }
            return usage.workload() instanceof Workload.Pod pod
                    ? new Origin(null, pod.uid(), pod.qos())
                    : new Origin(null, null, null);
        }
    }

    private static String commonUid(WorkloadUsage usage) {
        if (!(usage.workload() instanceof Workload.Unit || usage.workload() instanceof Workload.HostProcess)) {
            return "";
        }
        List<String> uids = usage.processes().stream()
                .map(ProcessUsage::uid)
                .map(WorkloadFamilies::text)
                .distinct()
                .toList();
        return uids.size() == 1 ? uids.get(0) : "";
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }
}
