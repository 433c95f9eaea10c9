package io.gpuagent.agent.ps;

import io.gpuagent.usage.Snapshot;
import io.gpuagent.usage.WorkloadUsage;
import io.gpuagent.workload.ContainerLookup;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** The notes below a table: what it lacks, and why. */
final class PsNotes {

    private PsNotes() {}

    static List<String> of(Snapshot snapshot) {
        List<String> notes = new ArrayList<>();
        new TreeMap<>(snapshot.unresolved())
                .forEach((reason, count) ->
                        add(notes, count, "process", "processes", "not attributed: " + reason.text()));
        int unknown = WorkloadTable.workloads(snapshot)
                .mapToInt(WorkloadUsage::unknownMemoryProcesses)
                .sum();
        add(notes, unknown, "process", "processes", "whose memory the driver does not report");
        new TreeMap<>(snapshot.unnamed())
                .forEach((reason, count) -> add(notes, count, "container", "containers", why(reason)));
        return notes;
    }

    /** Notes on GPUs whose workloads are unknown, for formats that only have rows for workloads. */
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
            case PENDING -> "without a name: lookup timed out";
            case NOT_FOUND -> "without a name: unknown to every queried container runtime";
            case UNAVAILABLE -> "without a name: container runtime unavailable";
            case OFF -> "without a name: --docker.host=off and --oci.bundles=off";
        };
    }
}
