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

/** The processes on a device or MIG instance: its compute, graphics and MPS lists. */
final class ProcessLists {

    /**
     * An empty graphics or MPS list is re-read only every fifth sample: reading a list takes milliseconds (MangoHud
     * PR#2104).
     */
    private static final int EMPTY_LIST_INTERVAL = 5;

    private final DeviceCalls calls;
    private final RunningProcesses running;
    private final SecondaryList graphics = new SecondaryList(Kind.GRAPHICS, DeviceFunctions.GRAPHICS_PROCESSES);
    private final SecondaryList mps = new SecondaryList(Kind.MPS, DeviceFunctions.MPS_PROCESSES);

    ProcessLists(DeviceCalls calls) {
        this.calls = calls;
        this.running = new RunningProcesses(calls);
    }

    /**
     * The rows of all three lists; a process that is in several lists has several rows. Only the compute list is needed:
     * a graphics or MPS list that fails is recorded, and never hides compute processes.
     *
     * @param totalBytes the device's total memory, to check each process against; null if unknown
     * @param instances returns the MIG instance of an entry's process
     */
    List<GpuProcess> read(@Nullable Long totalBytes, Function<Entry, String> instances, ReadProblems problems)
            throws CallFailedException, GpuUnavailableException {
        ProcessRows rows = new ProcessRows(totalBytes, instances, problems, new ArrayList<>());
        try {
            rows.add(Kind.COMPUTE, running.read(DeviceFunctions.COMPUTE_PROCESSES, problems));
        } catch (CallFailedException e) {
            calls.retry(DeviceFunctions.COMPUTE_PROCESSES); // the compute list is never given up
            throw e;
        }
        graphics.addTo(rows);
        mps.addTo(rows);
        return rows.rows();
    }

    /** Turns entries into processes; drops and records what cannot be true. */
    private record ProcessRows(
            @Nullable Long totalBytes,
            Function<Entry, String> instances,
            ReadProblems problems,
            List<GpuProcess> rows) {

        void add(Kind kind, List<Entry> entries) {
            for (Entry entry : entries) {
                if (RunningProcesses.isPossiblePid(entry.pid())) {
                    rows.add(new GpuProcess(entry.pid(), instances.apply(entry), memory(entry), Set.of(kind)));
                } else {
                    problems.reject(ReadProblems.INVALID_PID);
                }
            }
        }

        private @Nullable Long memory(Entry entry) {
            if (entry.memory() == -1) {
                return null;
            }
            if (entry.memory() < 0 || totalBytes != null && entry.memory() > totalBytes) {
                problems.reject(ReadProblems.OVER_RANGE);
                return null;
            }
            return entry.memory();
        }
    }

    /** A graphics or MPS list, which is empty on most devices. */
    private final class SecondaryList {

        private final Kind kind;
        private final List<NvmlFunction> functions;
        private boolean empty = true;
        private int skipped = EMPTY_LIST_INTERVAL - 1;

        SecondaryList(Kind kind, List<NvmlFunction> functions) {
            this.kind = kind;
            this.functions = functions;
        }

        void addTo(ProcessRows rows) throws GpuUnavailableException {
            if (empty && ++skipped < EMPTY_LIST_INTERVAL) {
                return;
            }
            skipped = 0;
            try {
                List<Entry> entries = running.read(functions, rows.problems());
                empty = entries.isEmpty();
                rows.add(kind, entries);
            } catch (CallFailedException e) {
                rows.problems().add(e.fault);
                if (!empty) {
                    calls.retry(functions);
                }
                empty = true;
            }
        }
    }
}
