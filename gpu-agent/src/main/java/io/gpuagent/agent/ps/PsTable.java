package io.gpuagent.agent.ps;

import io.gpuagent.agent.cli.TerminalText;
import io.gpuagent.usage.Snapshot;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** A snapshot as text for a terminal: GPUs, MIG instances, workloads, and notes on what is missing. */
public final class PsTable {

    private PsTable() {}

    /**
     * Renders the tables. Names are escaped for a terminal.
     *
     * @param processes whether to show each process in its own row
     */
    public static String render(Snapshot snapshot, boolean processes) {
        StringBuilder out = new StringBuilder(header(snapshot)).append("\n\n");
        if (!snapshot.backend().up()) {
            return out + "GPUs cannot be read: "
                    + TerminalText.escape(snapshot.backend().message()) + "\n";
        }
        if (snapshot.gpus().isEmpty()) {
            return out + "No GPU on this node.\n";
        }
        out.append(GpuTable.render(snapshot)).append('\n');
        String instances = GpuTable.instances(snapshot);
        out.append(instances).append(instances.isEmpty() ? "" : "\n").append(workloads(snapshot, processes));
        List<String> notes = PsNotes.of(snapshot);
        out.append(notes.isEmpty() ? "" : "\n");
        notes.forEach(note -> out.append(note).append('\n'));
        return out.toString();
    }

    private static String header(Snapshot snapshot) {
        String time = snapshot.time() == null
                ? "no sample yet"
                : snapshot.time().truncatedTo(ChronoUnit.SECONDS).toString();
        String driver = snapshot.backend().driverVersion();
        return time
                + (driver.isEmpty() ? "" : "  driver " + TerminalText.escape(driver))
                + (snapshot.backend().name().equals("simulated") ? "  SIMULATED: not this node's GPUs" : "");
    }

    private static String workloads(Snapshot snapshot, boolean processes) {
        String table = WorkloadTable.render(snapshot, processes);
        if (!table.isEmpty()) {
            return table;
        }
        return snapshot.gpus().stream().allMatch(GpuTable::isComplete)
                        && snapshot.unresolved().values().stream().allMatch(n -> n == 0)
                ? "No process uses a GPU.\n"
                : "No workloads known.\n";
    }
}
