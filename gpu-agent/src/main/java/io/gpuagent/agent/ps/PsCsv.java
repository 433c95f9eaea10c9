package io.gpuagent.agent.ps;

import io.gpuagent.agent.cli.Csv;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.ProcessUsage;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.usage.WorkloadUsage;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot as CSV: one row per workload of each GPU, and one row {@code (unattributed)} per GPU, so that the rows of a GPU add up to
 * its used memory. With processes, one row per process instead of per workload.
 *
 * <p>Unknown values are empty.
 */
public final class PsCsv {

    private static final Csv CSV = new Csv(",");
    private static final List<String> GPU = List.of("time", "gpu", "uuid", "model", "gpu_memory_total_bytes");
    private static final List<String> UNATTRIBUTED = WorkloadUsage.LABEL_NAMES.stream()
            .map(name -> name.equals("workload") ? "(unattributed)" : "")
            .toList();
    private static final List<String> PROCESS = List.of("pid", "type", "uid", "comm", "memory_bytes", "sm_ratio");
    private static final List<String> COUNTS =
            List.of("processes", "unknown_memory_processes", "memory_bytes", "sm_ratio");

    private final boolean processes;
    private final StringBuilder out = new StringBuilder();

    private PsCsv(boolean processes) {
        this.processes = processes;
    }

    /** The header and the rows. A GPU whose workloads are unknown has no rows. */
    public static String render(Snapshot snapshot, boolean processes) {
        PsCsv csv = new PsCsv(processes);
        csv.row(GPU, WorkloadUsage.LABEL_NAMES, processes ? PROCESS : COUNTS);
        snapshot.gpus().forEach(gpu -> csv.add(snapshot.time(), gpu));
        return csv.out.toString();
    }

    private void add(@Nullable Instant time, GpuUsage gpu) {
        gpu.live().ifPresent(live -> add(time, gpu.identity(), live));
    }

    private void add(@Nullable Instant time, GpuIdentity id, GpuState.Live live) {
        GpuMemory memory = live.sample().memory();
        List<?> cells =
                Arrays.asList(time, id.index(), id.uuid(), id.model(), memory == null ? null : memory.totalBytes());
        live.attribution().workloads().forEach(usage -> add(cells, usage));
        Long unattributed = live.attribution().unattributedBytes();
        if (unattributed != null) {
            row(
                    cells,
                    UNATTRIBUTED,
                    processes ? List.of("", "", "", "", unattributed, "") : List.of("", "", unattributed, ""));
        }
    }

    private void add(List<?> gpu, WorkloadUsage usage) {
        List<String> workload = usage.labelValues();
        if (processes) {
            usage.processes().forEach(process -> add(gpu, workload, process));
        } else {
            int count = usage.processes().size();
            int unknown = usage.unknownMemoryProcesses();
            row(gpu, workload, Arrays.asList(count, unknown, usage.memoryBytes(), usage.smRatio()));
        }
    }

    private void add(List<?> gpu, List<String> workload, ProcessUsage usage) {
        GpuProcess process = usage.process();
        Long bytes = process.memoryBytes();
        row(
                gpu,
                workload,
                Arrays.asList(process.pid(), process.type(), usage.uid(), usage.comm(), bytes, usage.smRatio()));
    }

    private void row(List<?>... parts) {
        out.append(Csv.row(Stream.of(parts).flatMap(List::stream).map(PsCsv::cell)));
    }

    private static String cell(@Nullable Object value) {
        return value instanceof String text ? CSV.text(text) : CSV.value(value);
    }
}
