package io.gpuagent.nvml;

import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuProcess.Kind;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.nvml.RunningProcesses.Entry;
import io.gpuagent.nvml.binding.DeviceFunctions;
import io.gpuagent.nvml.binding.NvmlFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The processes on a device, or on a MIG instance: its compute, graphics and MPS lists. */
final class ProcessLists {

    /** At every how manieth reading an empty graphics or MPS list is read: a list costs milliseconds (MangoHud PR#2104). */
    private static final int EMPTY_EVERY = 5;

    private final DeviceCalls calls;
    private final RunningProcesses running;
    private final SecondaryList graphics = new SecondaryList(Kind.GRAPHICS, DeviceFunctions.GRAPHICS_PROCESSES);
    private final SecondaryList mps = new SecondaryList(Kind.MPS, DeviceFunctions.MPS_PROCESSES);

    ProcessLists(DeviceCalls calls) {
        this.calls = calls;
        this.running = new RunningProcesses(calls);
    }

    /**
     * The rows of all lists: one process has several.
     *
     * @param totalBytes what a process can hold at most; null where unknown
     * @param instances who says on which MIG instance an entry's process is
     */
    List<GpuProcess> read(@Nullable Long totalBytes, Function<Entry, String> instances, ReadProblems findings)
            throws RefusedException, GpuUnavailableException {
        Rows rows = new Rows(totalBytes, instances, findings, new ArrayList<>());
        try {
            rows.add(Kind.COMPUTE, running.read(DeviceFunctions.COMPUTE_PROCESSES));
            graphics.addTo(rows);
            mps.addTo(rows);
        } catch (RefusedException e) {
            if (e.notOffered()) {
                calls.askAgain();
            }
            throw e;
        }
        return rows.rows();
    }

    /** Entries as processes; what cannot be true is left out and noted. */
    private record Rows(
            @Nullable Long totalBytes, Function<Entry, String> instances, ReadProblems findings, List<GpuProcess> rows) {

        void add(Kind kind, List<Entry> entries) {
            for (Entry entry : entries) {
                if (RunningProcesses.isPossiblePid(entry.pid())) {
                    rows.add(new GpuProcess(entry.pid(), instances.apply(entry), memory(entry), Set.of(kind)));
                } else {
                    findings.reject(ReadProblems.INVALID_PID);
                }
            }
        }

        private @Nullable Long memory(Entry entry) {
            if (entry.memory() == -1) {
                return null;
            }
            if (entry.memory() < 0 || totalBytes != null && entry.memory() > totalBytes) {
                findings.reject(ReadProblems.OVER_RANGE);
                return null;
            }
            return entry.memory();
        }
    }

    /** A list that most cards never fill. */
    private final class SecondaryList {

        private final Kind kind;
        private final List<NvmlFunction> functions;
        private boolean empty = true;
        private int skipped = EMPTY_EVERY - 1;

        SecondaryList(Kind kind, List<NvmlFunction> functions) {
            this.kind = kind;
            this.functions = functions;
        }

        /** A list that fails is asked at each reading until it answers: meanwhile it is not known who is on the device. */
        void addTo(Rows rows) throws RefusedException, GpuUnavailableException {
            if (empty && ++skipped < EMPTY_EVERY) {
                return;
            }
            skipped = 0;
            try {
                List<Entry> entries = running.read(functions);
                empty = entries.isEmpty();
                rows.add(kind, entries);
            } catch (RefusedException e) {
                if (!e.notOffered()) {
                    empty = false;
                    throw e;
                }
                if (!empty) {
                    calls.askAgain();
                }
                empty = true;
            }
        }
    }
}
