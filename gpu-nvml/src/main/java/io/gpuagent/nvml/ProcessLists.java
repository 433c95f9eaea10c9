package io.gpuagent.nvml;

import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuProcess.Kind;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.RunningProcesses.Entry;
import io.gpuagent.nvml.binding.DeviceFunctions;
import io.gpuagent.nvml.binding.NativeMemory;
import io.gpuagent.nvml.binding.NvmlFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The processes on a device: its compute, graphics and MPS lists as one. */
final class ProcessLists {

    /** At every how manieth reading an empty graphics or MPS list is read: a list costs milliseconds (MangoHud PR#2104). */
    private static final int EMPTY_EVERY = 5;

    /** For so many readings a refused function is not asked again: what a card offers changes with its mode. */
    private static final int REMEMBERED = 60;

    private final DeviceCalls calls;
    private final RunningProcesses running;
    private final NativeMemory migMode = new NativeMemory(8);
    private volatile boolean mig;
    private int readings;
    private final SecondaryList graphics = new SecondaryList(Kind.GRAPHICS, DeviceFunctions.GRAPHICS_PROCESSES);
    private final SecondaryList mps = new SecondaryList(Kind.MPS, DeviceFunctions.MPS_PROCESSES);

    ProcessLists(DeviceCalls calls) {
        this.calls = calls;
        this.running = new RunningProcesses(calls);
    }

    ProcessList read(@Nullable Long totalBytes, Findings findings) throws GpuUnavailableException {
        Rows rows = new Rows(totalBytes, migEnabled(), findings, new ArrayList<>());
        try {
            rows.add(Kind.COMPUTE, newest(DeviceFunctions.COMPUTE_PROCESSES));
            graphics.addTo(rows);
            mps.addTo(rows);
        } catch (UnreadableListException e) {
            if (e.notOffered()) {
                calls.askAgain();
            } else {
                findings.add(e.fault());
            }
            return new ProcessList.Unreadable(e.fault());
        }
        return ProcessList.union(rows.rows());
    }

    /** Whether MIG was on at the last reading, for any thread to ask. */
    boolean onMig() {
        return mig;
    }

    private boolean migEnabled() throws GpuUnavailableException {
        migMode.putInt32(0, 0);
        boolean enabled = calls.call(DeviceFunctions.MIG_MODE, migMode) == ReturnCode.SUCCESS && migMode.int32(0) == 1;
        if (enabled != mig || ++readings % REMEMBERED == 0) {
            calls.askAgain();
        }
        mig = enabled;
        return enabled;
    }

    /** The list by the newest of its functions that is offered. */
    private List<Entry> newest(List<NvmlFunction> functions) throws UnreadableListException, GpuUnavailableException {
        UnreadableListException refusal = UnreadableListException.missing(functions.get(functions.size() - 1));
        for (NvmlFunction function : functions) {
            try {
                if (calls.session().nvml().exports(function.symbol())) {
                    return running.read(function);
                }
            } catch (UnreadableListException e) {
                if (!e.notOffered()) {
                    throw e;
                }
                refusal = e;
            }
        }
        throw refusal;
    }

    /** Entries as processes; what cannot be true is left out and noted. */
    private record Rows(@Nullable Long totalBytes, boolean mig, Findings findings, List<GpuProcess> rows) {

        void add(Kind kind, List<Entry> entries) {
            for (Entry entry : entries) {
                if (entry.hasPossiblePid()) {
                    rows.add(new GpuProcess(entry.pid(), instance(entry), memory(entry), Set.of(kind)));
                } else {
                    findings.reject(Findings.INVALID_PID);
                }
            }
        }

        /** Without MIG some drivers leave these fields unwritten, whatever nvml.h promises. */
        private String instance(Entry entry) {
            boolean known = entry.gpuInstance() != RunningProcesses.NO_INSTANCE
                    && entry.computeInstance() != RunningProcesses.NO_INSTANCE;
            return mig && known ? entry.gpuInstance() + ":" + entry.computeInstance() : "";
        }

        private @Nullable Long memory(Entry entry) {
            if (entry.memory() == -1) {
                return null;
            }
            if (entry.memory() < 0 || totalBytes != null && entry.memory() > totalBytes) {
                findings.reject(Findings.OVER_RANGE);
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
        void addTo(Rows rows) throws UnreadableListException, GpuUnavailableException {
            if (empty && ++skipped < EMPTY_EVERY) {
                return;
            }
            skipped = 0;
            try {
                List<Entry> entries = newest(functions);
                empty = entries.isEmpty();
                rows.add(kind, entries);
            } catch (UnreadableListException e) {
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
