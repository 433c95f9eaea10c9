package io.gpuagent.agent.cli.ps;

import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.ProcessUsage;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.usage.WorkloadUsage;
import io.gpuagent.workload.WorkloadLabels;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The workloads on all GPUs, one line each. */
final class WorkloadTable {

    private WorkloadTable() {}

    /** Empty if no workload is on any GPU. */
    static String render(Snapshot snapshot, boolean processes) {
        TextTable table = new TextTable(
                ">GPU",
                "MIG",
                "KIND",
                "WORKLOAD",
                "CONTAINER ID",
                ">PROCS",
                ">PID",
                "TYPE",
                ">UID",
                ">MEMORY",
                ">% OF GPU",
                ">SM %");
        boolean tellsSm = workloads(snapshot).anyMatch(usage -> usage.smRatio().isPresent());
        for (GpuUsage gpu : snapshot.gpus()) {
            if (gpu.state() instanceof GpuState.Live live) {
                GpuMemory memory = live.sample().memory();
                Long total = memory == null ? null : memory.totalBytes();
                for (WorkloadUsage usage : live.attribution().workloads()) {
                    add(table, gpu.identity().index(), usage, total, tellsSm);
                    List<ProcessUsage> shown = processes ? usage.processes() : List.of();
                    shown.forEach(process -> add(table, gpu.identity().index(), usage.mig(), process, total, tellsSm));
                }
            }
        }
        return table.render();
    }

    private static Stream<WorkloadUsage> workloads(Snapshot snapshot) {
        return snapshot.gpus().stream()
                .flatMap(gpu -> gpu.state() instanceof GpuState.Live live
                        ? live.attribution().workloads().stream()
                        : Stream.of());
    }

    /** Without a text where none is told, so that the column is left out. */
    private static String busy(@Nullable Double smRatio, boolean tellsSm) {
        return tellsSm ? Quantity.percent(smRatio) : "";
    }

    private static void add(TextTable table, int gpu, WorkloadUsage usage, @Nullable Long total, boolean tellsSm) {
        WorkloadLabels labels = usage.labels();
        String id = WorkloadLabels.shortId(labels.containerId());
        Long bytes =
                usage.memoryBytes().isPresent() ? (Long) usage.memoryBytes().getAsLong() : null;
        String atLeast = bytes != null && usage.unknownMemoryProcesses() > 0 ? ">=" : "";
        String memory = atLeast + Quantity.memory(bytes);
        String share = total == null ? Quantity.UNKNOWN : atLeast + Quantity.share(bytes, total);
        int count = usage.processes().size();
        String sm = busy(usage.smRatio().isPresent() ? (Double) usage.smRatio().getAsDouble() : null, tellsSm);
        table.add(gpu, usage.mig(), labels.kind(), labels.workload(), id, count, "", "", "", memory, share, sm);
    }

    private static void add(
            TextTable table, int gpu, String mig, ProcessUsage usage, @Nullable Long total, boolean tellsSm) {
        GpuProcess process = usage.process();
        Object uid = usage.uid() == null ? Quantity.UNKNOWN : usage.uid();
        String memory = Quantity.memory(process.memoryBytes());
        String share = Quantity.share(process.memoryBytes(), total);
        String sm = busy(usage.smRatio(), tellsSm);
        table.add(gpu, mig, "", "  " + usage.comm(), "", "", process.pid(), process.type(), uid, memory, share, sm);
    }
}
