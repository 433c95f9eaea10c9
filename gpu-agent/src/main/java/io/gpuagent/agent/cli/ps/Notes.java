package io.gpuagent.agent.cli.ps;

import io.gpuagent.usage.Snapshot;
import io.gpuagent.usage.WorkloadUsage;
import io.gpuagent.workload.ContainerLookup;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** What is missing from a table, and why: the lines below it. */
final class Notes {

    private Notes() {}

    static List<String> of(Snapshot snapshot) {
        List<String> notes = new ArrayList<>();
        new TreeMap<>(snapshot.unresolved())
                .forEach((reason, count) ->
                        add(notes, count, "process", "processes", "not attributed: " + reason.text()));
        int unknown = WorkloadTable.workloads(snapshot)
                .mapToInt(WorkloadUsage::unknownMemoryProcesses)
                .sum();
        add(notes, unknown, "process", "processes", "whose memory the driver does not tell");
        new TreeMap<>(snapshot.unnamed())
                .forEach((reason, count) -> add(notes, count, "container", "containers", why(reason)));
        return notes;
    }

    /** What cannot be seen in a format that has rows for workloads only. */
    static List<String> gpusWithoutWorkloads(Snapshot snapshot) {
        return snapshot.gpus().stream()
                .filter(gpu -> !GpuTable.isComplete(gpu))
                .map(gpu -> "GPU " + gpu.identity().index() + " " + GpuTable.state(gpu.state()))
                .toList();
    }

    private static void add(List<String> notes, int count, String one, String many, String what) {
        if (count > 0) {
            notes.add(count + " " + (count == 1 ? one : many) + " " + what);
        }
    }

    private static String why(ContainerLookup.Reason reason) {
        return switch (reason) {
            case PENDING -> "without a name: not answered in time";
            case NOT_FOUND -> "without a name: no container runtime that was asked knows the id";
            case UNAVAILABLE -> "without a name: the container runtime does not answer";
            case OFF -> "without a name: --docker.host=off and --oci.bundles=off";
        };
    }
}
