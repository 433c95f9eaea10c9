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

/** Reads the processes on a device or MIG instance from its compute, graphics and MPS lists. */
final class ProcessLists {

    /**
     * The number of samples after which an empty graphics or MPS list is read again: reading a list takes milliseconds
     * (MangoHud PR#2104).
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
     * Returns the rows of all three lists. A process that is in several lists has several rows. Only the compute list
     * is required: if a graphics or MPS list fails, the fault is recorded and the compute processes are still returned.
     *
     * @param totalBytes the device's total memory, which no process can exceed; null if unknown
     * @param instances determines the MIG instance of an entry
     */
    List<GpuProcess> read(@Nullable Long totalBytes, Function<Entry, String> instances, ReadProblems problems)
            throws CallFailedException, GpuUnavailableException {
        ProcessRows rows = new ProcessRows(totalBytes, instances, problems, new ArrayList<>());
        try {
            rows.add(Kind.COMPUTE, running.read(DeviceFunctions.COMPUTE_PROCESSES, problems));
        } catch (CallFailedException e) {
            calls.retry(
                    DeviceFunctions.COMPUTE_PROCESSES); // the compute list is essential: try again at the next sample
            throw e;
        }
        graphics.addTo(rows);
        mps.addTo(rows);
        return rows.rows();
    }

    /** Converts entries to processes. Drops implausible values and records each as a rejection. */
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
