package io.gpuagent.agent.cli.ps;

import io.gpuagent.agent.cli.TerminalText;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.ProcessUsage;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.usage.WorkloadUsage;
import io.gpuagent.workload.WorkloadLabels;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot as CSV: a row for each workload of each GPU, and for each GPU a row {@code (unattributed)}, so that the rows of a GPU add up
 * to its used memory. With processes a row for each process instead of its workload.
 *
 * <p>Fields are quoted as RFC 4180 says; lines end with a line feed, as the tools of a shell expect. What is not known is empty. Control
 * characters are escaped, so that a row is a line; a text that a spreadsheet would take for a formula ({@code = + - @} in front)
 * gets an apostrophe in front.
 */
public final class PsCsv {

    private static final List<String> IDENTITY = List.of("time", "gpu", "uuid", "model", "gpu_memory_total_bytes");
    private static final List<String> WORKLOAD =
            List.of("mig", "kind", "workload", "namespace", "pod", "container", "container_id");
    private static final List<String> PROCESS = List.of("pid", "type", "uid", "comm");
    private static final List<String> COUNTS = List.of("processes", "unknown_memory_processes");
    private static final String UNATTRIBUTED = "(unattributed)";

    private final boolean processes;
    private final StringBuilder out = new StringBuilder();

    private PsCsv(boolean processes) {
        this.processes = processes;
    }

    /** A heading and the rows. A GPU whose workloads are not known has none. */
    public static String render(Snapshot snapshot, boolean processes) {
        PsCsv csv = new PsCsv(processes);
        csv.row(IDENTITY, WORKLOAD, processes ? PROCESS : COUNTS, "memory_bytes");
        snapshot.gpus().forEach(gpu -> csv.add(Objects.toString(snapshot.time(), ""), gpu));
        return csv.out.toString();
    }

    private void add(String time, GpuUsage gpu) {
        if (!(gpu.state() instanceof GpuState.Live live)) {
            return;
        }
        GpuMemory memory = live.sample().memory();
        List<String> identity = identity(time, gpu.identity(), memory == null ? null : memory.totalBytes());
        live.attribution().workloads().forEach(usage -> add(identity, usage));
        Long unattributed = live.attribution().unattributedBytes();
        if (unattributed != null) {
            List<String> none = processes ? List.of("", "", "", "") : List.of("", "");
            row(identity, List.of("", "", UNATTRIBUTED, "", "", "", ""), none, number(unattributed));
        }
    }

    private void add(List<String> identity, WorkloadUsage usage) {
        if (processes) {
            usage.processes()
                    .forEach(process -> row(
                            identity,
                            labels(usage),
                            process(process),
                            number(process.process().memoryBytes())));
            return;
        }
        List<String> counts = List.of(number(usage.processes().size()), number(usage.unknownMemoryProcesses()));
        String bytes =
                usage.memoryBytes().isPresent() ? number(usage.memoryBytes().getAsLong()) : "";
        row(identity, labels(usage), counts, bytes);
    }

    private static List<String> identity(String time, GpuIdentity gpu, @Nullable Long total) {
        return List.of(time, number(gpu.index()), text(gpu.uuid()), text(gpu.model()), number(total));
    }

    private static List<String> labels(WorkloadUsage usage) {
        WorkloadLabels labels = usage.labels();
        return List.of(
                text(usage.mig()),
                text(labels.kind()),
                text(labels.workload()),
                text(labels.namespace()),
                text(labels.pod()),
                text(labels.container()),
                text(labels.containerId()));
    }

    private static List<String> process(ProcessUsage usage) {
        return List.of(
                number(usage.process().pid()), text(usage.process().type()), number(usage.uid()), text(usage.comm()));
    }

    private static String number(@Nullable Number value) {
        return Objects.toString(value, "");
    }

    private static String text(String value) {
        String line = TerminalText.escape(value);
        return !line.isEmpty() && "=+-@".indexOf(line.charAt(0)) >= 0 ? "'" + line : line;
    }

    private void row(List<String> identity, List<String> workload, List<String> detail, String memory) {
        String cells = Stream.of(identity, workload, detail, List.of(memory))
                .flatMap(List::stream)
                .map(PsCsv::quoted)
                .collect(Collectors.joining(","));
        out.append(cells).append('\n');
    }

    private static String quoted(String cell) {
        boolean plain = cell.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
    }
}
