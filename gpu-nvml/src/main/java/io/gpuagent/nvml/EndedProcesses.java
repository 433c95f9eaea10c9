package io.gpuagent.nvml;

import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.DeviceFunctions;
import io.gpuagent.nvml.binding.DeviceFunctions.AccountingRecord;
import io.gpuagent.nvml.binding.NativeMemory;
import io.gpuagent.nvml.binding.NvmlFunction;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The peak memory of processes that have left a device, from the driver's accounting records. Accounting mode is off
 * unless root has enabled it; the agent never enables it. The mode is unavailable with MIG.
 *
 * <p>The driver keeps only one accounting record per pid, that of the process that terminated last (nvml.h), and pids
 * are reused. To assign a record to the right process, this class reads it when a pid appears on the device and again
 * when the pid disappears. The second record is used only if it describes an ended process, and if its start time fits
 * the first record: the same start time if the first record described a running process, a different one if it
 * described an earlier process that had ended.
 */
final class EndedProcesses {

    private static final int ENABLED = 1;

    private final DeviceCalls calls;
    private final NativeMemory buffer = new NativeMemory(DeviceFunctions.ACCOUNTING_PID + 4);

    private Set<Integer> previousPids = Set.of();

    /** The accounting record of each pid on the device, read when the pid appeared. */
    private final Map<Integer, AccountingRecord> firstRecords = new HashMap<>();

    EndedProcesses(DeviceCalls calls) {
        this.calls = calls;
    }

    /**
     * Returns the peak memory in bytes, by pid, of the processes that left the device since the last call. Empty if the
     * process list cannot be read.
     */
    Map<Integer, Long> read(ProcessList list, boolean mig, @Nullable Long totalBytes, ReadProblems problems)
            throws GpuUnavailableException {
        if (!(list instanceof ProcessList.Known known)) {
            return Map.of();
        }
        Set<Integer> pids = known.processes().stream().map(GpuProcess::pid).collect(Collectors.toUnmodifiableSet());
        boolean changed = !pids.equals(previousPids);
        previousPids = pids;
        if (mig || changed && !isEnabled(problems)) {
            firstRecords.clear();
            return Map.of();
        }
        return changed ? update(pids, totalBytes, problems) : Map.of();
    }

    private Map<Integer, Long> update(Set<Integer> pids, @Nullable Long totalBytes, ReadProblems problems)
            throws GpuUnavailableException {
        Map<Integer, Long> peaks = new HashMap<>();
        for (Map.Entry<Integer, AccountingRecord> process : firstRecords.entrySet()) {
            AccountingRecord last = pids.contains(process.getKey())
                    ? AccountingRecord.NONE
                    : accountingRecord(process.getKey(), problems);
            if (last.peakBytes() > 0 && isLaterOfSameProcess(last, process.getValue())) {
                peaks.put(process.getKey(), last.peakBytes());
            }
        }
        firstRecords.keySet().retainAll(pids);
        for (int pid : pids) {
            if (!firstRecords.containsKey(pid)) {
                firstRecords.put(pid, accountingRecord(pid, problems));
            }
        }
        peaks.values().removeIf(bytes -> exceeds(bytes, totalBytes, problems));
        return peaks;
    }

    private static boolean isLaterOfSameProcess(AccountingRecord last, AccountingRecord first) {
        return !last.running() && first.running() == (last.start() == first.start());
    }

    private static boolean exceeds(long bytes, @Nullable Long totalBytes, ReadProblems problems) {
        if (totalBytes == null || bytes <= totalBytes) {
            return false;
        }
        problems.reject(ReadProblems.OVER_RANGE);
        return true;
    }

    private boolean isEnabled(ReadProblems problems) throws GpuUnavailableException {
        buffer.fill((byte) 0);
        return succeeds(DeviceFunctions.ACCOUNTING_MODE, problems) && buffer.int32(0) == ENABLED;
    }

    /**
     * Reads the record of a pid. The driver reports unknown memory as -1, and an L40S reported 0 for every ended
     * process (utkuozdemir/nvidia_gpu_exporter, internal/captures). Callers must ignore peaks that are not positive.
     */
    private AccountingRecord accountingRecord(int pid, ReadProblems problems) throws GpuUnavailableException {
        buffer.fill((byte) 0);
        buffer.putInt32(DeviceFunctions.ACCOUNTING_PID, pid);
        return succeeds(DeviceFunctions.ACCOUNTING_STATS, problems)
                ? DeviceFunctions.accountingRecord(buffer)
                : AccountingRecord.NONE;
    }

    /**
     * Returns whether the call succeeded. Two failures are expected and not recorded as faults: the pid has no record,
     * or this process may not read the record.
     */
    private boolean succeeds(NvmlFunction function, ReadProblems problems) throws GpuUnavailableException {
        int code = calls.call(function, buffer);
        if (code != ReturnCode.NOT_FOUND && code != ReturnCode.NO_PERMISSION) {
            problems.record(function, code);
        }
        return code == ReturnCode.SUCCESS;
    }
}
