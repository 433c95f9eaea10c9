package io.gpuagent.agent.ps;

import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.ProcessUsage;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.usage.WorkloadUsage;
import io.gpuagent.workload.WorkloadLabels;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The table of workloads on all GPUs, one row each. */
final class WorkloadTable {

    private static final String HEADINGS =
            ">GPU|MIG|KIND|WORKLOAD|CONTAINER ID|>PROCS|>PID|TYPE|>UID|>MEMORY|>% OF GPU|>SM %";

    private final TextTable table = new TextTable(HEADINGS);
    private final boolean processes;
    /** Whether any workload has an SM utilization. If none has, the column is left empty and thereby omitted. */
    private final boolean reportsSm;

    private WorkloadTable(boolean processes, boolean reportsSm) {
        this.processes = processes;
        this.reportsSm = reportsSm;
    }

    /** The table of workloads; empty if there are none. */
    static String render(Snapshot snapshot, boolean processes) {
        boolean reportsSm = workloads(snapshot).anyMatch(usage -> usage.smRatio() != null);
        WorkloadTable all = new WorkloadTable(processes, reportsSm);
        for (GpuUsage gpu : snapshot.gpus()) {
            gpu.live().ifPresent(live -> {
                GpuMemory memory = live.sample().memory();
                Long total = memory == null ? null : memory.totalBytes();
                live.attribution()
                        .workloads()
                        .forEach(usage -> all.add(gpu.identity().index(), usage, total));
            });
        }
        return all.table.render();
    }

    static Stream<WorkloadUsage> workloads(Snapshot snapshot) {
        return snapshot.gpus().stream()
                .flatMap(gpu -> gpu.live().stream())
                .flatMap(live -> live.attribution().workloads().stream());
    }

    private void add(int gpu, WorkloadUsage usage, @Nullable Long total) {
        WorkloadLabels labels = usage.labels();
        String id = WorkloadLabels.shortId(labels.containerId());
        Long bytes = usage.memoryBytes();
        String atLeast = bytes != null && usage.unknownMemoryProcesses() > 0 ? ">=" : "";
        String memory = atLeast + CellFormat.memory(bytes);
        String share = total == null ? CellFormat.UNKNOWN : atLeast + CellFormat.share(bytes, total);
        int count = usage.processes().size();
        String sm = busy(usage.smRatio());
        table.add(gpu, usage.mig(), labels.kind(), labels.workload(), id, count, "", "", "", memory, share, sm);
        if (processes) {
            usage.processes().forEach(process -> add(gpu, usage.mig(), process, total));
        }
    }

    private void add(int gpu, String mig, ProcessUsage usage, @Nullable Long total) {
        GpuProcess process = usage.process();
        Object uid = usage.uid() == null ? CellFormat.UNKNOWN : usage.uid();
        String memory = CellFormat.memory(process.memoryBytes());
        String share = CellFormat.share(process.memoryBytes(), total);
        String sm = busy(usage.smRatio());
        table.add(gpu, mig, "", "  " + usage.comm(), "", "", process.pid(), process.type(), uid, memory, share, sm);
    }

    private String busy(@Nullable Double smRatio) {
        return reportsSm ? CellFormat.percent(smRatio) : "";
    }
}
