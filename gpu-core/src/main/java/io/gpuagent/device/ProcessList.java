package io.gpuagent.device;

import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The processes on a GPU, or the fault that made the list unreadable. An unreadable list must never be treated as an
 * empty one.
 */
public sealed interface ProcessList {

    /** The processes on the GPU, one per pid and MIG instance. */
    record Known(List<GpuProcess> processes) implements ProcessList {

        public Known {
            processes = List.copyOf(processes);
        }
    }

    /** The driver rejected the call or returned an implausible list. */
    record Unreadable(CallFault fault) implements ProcessList {}

    /**
     * Merges the driver's compute, graphics and MPS lists. A process that is in several lists gets the largest of its
     * memory figures. The lists overlap, so a sum would count memory twice.
     */
    static Known union(Collection<GpuProcess> rows) {
        record DeviceProcess(int pid, String mig) {}
        Map<DeviceProcess, GpuProcess> merged = new LinkedHashMap<>();
        rows.forEach(row -> merged.merge(new DeviceProcess(row.pid(), row.mig()), row, ProcessList::merge));
        return new Known(List.copyOf(merged.values()));
    }

    private static GpuProcess merge(GpuProcess one, GpuProcess other) {
        EnumSet<GpuProcess.Kind> kinds = EnumSet.copyOf(one.kinds());
        kinds.addAll(other.kinds());
        return new GpuProcess(one.pid(), one.mig(), larger(one.memoryBytes(), other.memoryBytes()), kinds);
    }

    private static @Nullable Long larger(@Nullable Long one, @Nullable Long other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return Math.max(one, other);
    }
}
