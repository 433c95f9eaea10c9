package io.gpuagent.nvml;

import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.DeviceFunctions;
import io.gpuagent.nvml.binding.NativeMemory;
import io.gpuagent.nvml.binding.NvmlFunction;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The most memory that processes held which have left a device, where the driver keeps account of them. Whether it does is root's choice
 * and never ours; with MIG it does not.
 *
 * <p>The driver keeps one record a pid, of whoever ended last ({@code nvml.h}), so a record is looked at when a process comes, too: it is of
 * the process if it ran then and has ended since, or if it is another one than before.
 */
final class EndedProcesses {

    private static final int ENABLED = 1;

    private final DeviceCalls calls;
    private final NativeMemory answer = new NativeMemory(DeviceFunctions.ACCOUNTING_PID + 4);

    private Set<Integer> before = Set.of();

    /** The records of the pids on the device, as they were found when those came. */
    private final Map<Integer, Account> known = new HashMap<>();

    /** A record; the clock of its start may be any, so that it is only compared. */
    private record Account(boolean runs, long start, long mostBytes) {

        static final Account NONE = new Account(false, 0, 0);

        boolean isLaterOfTheSame(Account first) {
            return !runs && first.runs == (start == first.start);
        }
    }

    EndedProcesses(DeviceCalls calls) {
        this.calls = calls;
    }

    /** The bytes by pid; none while the list cannot be read. */
    Map<Integer, Long> read(ProcessList list, boolean mig, @Nullable Long totalBytes, ReadProblems findings)
            throws GpuUnavailableException {
        if (!(list instanceof ProcessList.Known listed)) {
            return Map.of();
        }
        Set<Integer> now = listed.processes().stream().map(GpuProcess::pid).collect(Collectors.toUnmodifiableSet());
        boolean changed = !now.equals(before);
        before = now;
        if (mig || changed && !isOn(findings)) {
            known.clear();
            return Map.of();
        }
        return changed ? follow(now, totalBytes, findings) : Map.of();
    }

    private Map<Integer, Long> follow(Set<Integer> now, @Nullable Long totalBytes, ReadProblems findings)
            throws GpuUnavailableException {
        Map<Integer, Long> peaks = new HashMap<>();
        for (Map.Entry<Integer, Account> process : known.entrySet()) {
            Account last = now.contains(process.getKey()) ? Account.NONE : account(process.getKey(), findings);
            if (last.mostBytes() > 0 && last.isLaterOfTheSame(process.getValue())) {
                peaks.put(process.getKey(), last.mostBytes());
            }
        }
        known.keySet().retainAll(now);
        for (int pid : now) {
            if (!known.containsKey(pid)) {
                known.put(pid, account(pid, findings));
            }
        }
        peaks.values().removeIf(bytes -> exceeds(bytes, totalBytes, findings));
        return peaks;
    }

    private static boolean exceeds(long bytes, @Nullable Long totalBytes, ReadProblems findings) {
        if (totalBytes == null || bytes <= totalBytes) {
            return false;
        }
        findings.reject(ReadProblems.OVER_RANGE);
        return true;
    }

    private boolean isOn(ReadProblems findings) throws GpuUnavailableException {
        answer.fill((byte) 0);
        return succeeds(DeviceFunctions.ACCOUNTING_MODE, findings) && answer.int32(0) == ENABLED;
    }

    /** Unknown memory is -1; an L40S told 0 of whoever had ended (utkuozdemir/nvidia_gpu_exporter, internal/captures). Neither is positive. */
    private Account account(int pid, ReadProblems findings) throws GpuUnavailableException {
        answer.fill((byte) 0);
        answer.putInt32(DeviceFunctions.ACCOUNTING_PID, pid);
        return succeeds(DeviceFunctions.ACCOUNTING_STATS, findings)
                ? new Account(answer.int32(32) != 0, answer.int64(24), answer.int64(8))
                : Account.NONE;
    }

    /** There may be no record of a pid, and we may not be allowed to see it. */
    private boolean succeeds(NvmlFunction function, ReadProblems findings) throws GpuUnavailableException {
        int code = calls.call(function, answer);
        if (code != ReturnCode.NOT_FOUND && code != ReturnCode.NO_PERMISSION) {
            findings.answered(function, code);
        }
        return code == ReturnCode.SUCCESS;
    }
}
