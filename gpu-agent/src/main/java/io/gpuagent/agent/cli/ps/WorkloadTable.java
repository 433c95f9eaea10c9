package io.gpuagent.agent.cli.ps;

import static io.gpuagent.agent.cli.ps.TextTable.Column.left;
import static io.gpuagent.agent.cli.ps.TextTable.Column.right;

import io.gpuagent.agent.cli.TerminalText;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.ProcessUsage;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.usage.WorkloadUsage;
import io.gpuagent.workload.WorkloadLabels;
import org.jspecify.annotations.Nullable;

/** The workloads on all GPUs, one line each. */
final class WorkloadTable {

    private final boolean processes;
    private final TextTable table = new TextTable(
            right("GPU"),
            left("MIG"),
            left("KIND"),
            left("WORKLOAD"),
            left("CONTAINER ID"),
            right("PROCS"),
            right("PID"),
            left("TYPE"),
            right("UID"),
            right("MEMORY"),
            right("% OF GPU"));

    private WorkloadTable(boolean processes) {
        this.processes = processes;
    }

    /** Empty if no workload is on any GPU. */
    static String render(Snapshot snapshot, boolean processes) {
        WorkloadTable rows = new WorkloadTable(processes);
        snapshot.gpus().forEach(rows::add);
        return rows.table.isEmpty() ? "" : rows.table.render();
    }

    private void add(GpuUsage gpu) {
        if (gpu.state() instanceof GpuState.Live live) {
            GpuMemory memory = live.sample().memory();
            Long total = memory == null ? null : memory.totalBytes();
            live.attribution()
                    .workloads()
                    .forEach(workload -> add(gpu.identity().index(), workload, total));
        }
    }

    private void add(int gpu, WorkloadUsage usage, @Nullable Long total) {
        WorkloadLabels labels = usage.labels();
        Long bytes =
                usage.memoryBytes().isPresent() ? (Long) usage.memoryBytes().getAsLong() : null;
        String atLeast = bytes != null && usage.unknownMemoryProcesses() > 0 ? ">=" : "";
        table.add(
                Integer.toString(gpu),
                usage.mig(),
                labels.kind(),
                TerminalText.escape(labels.workload()),
                TerminalText.escape(WorkloadLabels.shortId(labels.containerId())),
                Integer.toString(usage.processes().size()),
                "",
                "",
                "",
                atLeast + Quantity.memory(bytes),
                total == null ? Quantity.UNKNOWN : atLeast + Quantity.share(bytes, total));
        if (processes) {
            usage.processes().forEach(process -> add(gpu, usage.mig(), process, total));
        }
    }

    private void add(int gpu, String mig, ProcessUsage usage, @Nullable Long total) {
        Integer uid = usage.uid();
        table.add(
                Integer.toString(gpu),
                mig,
                "",
                "  " + TerminalText.escape(usage.comm()),
                "",
                "",
                Integer.toString(usage.process().pid()),
                usage.process().type(),
                uid == null ? Quantity.UNKNOWN : uid.toString(),
                Quantity.memory(usage.process().memoryBytes()),
                Quantity.share(usage.process().memoryBytes(), total));
    }
}
