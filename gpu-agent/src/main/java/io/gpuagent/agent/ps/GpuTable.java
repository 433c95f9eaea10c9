package io.gpuagent.agent.ps;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.MigInstance;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.Reading;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.Snapshot;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tables of GPUs and of MIG instances, one row each. */
final class GpuTable {

    private GpuTable() {}

    static String render(Snapshot snapshot) {
        TextTable table = new TextTable(">GPU|MODEL|>USED|>TOTAL|>UNATTRIBUTED|>UTIL|>TEMP|>POWER|STATE");
        snapshot.gpus().forEach(gpu -> add(table, gpu.identity(), gpu.state()));
        return table.render();
    }

    private static void add(TextTable table, GpuIdentity gpu, GpuState state) {
        if (!(state instanceof GpuState.Live live)) {
            table.add(gpu.index(), gpu.model(), "-", "-", "-", "-", "-", "-", state(state));
            return;
        }
        GpuSample sample = live.sample();
        String used = CellFormat.memory(sample.memory(), GpuMemory::usedBytes);
        String total = CellFormat.memory(sample.memory(), GpuMemory::totalBytes);
        String unattributed = CellFormat.memory(live.attribution().unattributedBytes());
        String busy = CellFormat.percent(reading(sample, DeviceMetric.UTILIZATION));
        String heat = CellFormat.whole(reading(sample, DeviceMetric.TEMPERATURE), " C");
        table.add(gpu.index(), gpu.model(), used, total, unattributed, busy, heat, power(sample), state(live));
    }

    /**
     * The table of MIG instances; empty if there are none. The memory of a GPU instance is shown in the row of its
     * first compute instance.
     */
    static String instances(Snapshot snapshot) {
        TextTable table = new TextTable(">GPU|MIG|PROFILE|>USED|>TOTAL|UUID");
        for (GpuUsage gpu : snapshot.gpus()) {
            gpu.live().ifPresent(live -> {
                Set<Integer> shown = new HashSet<>();
                for (MigInstance instance : live.sample().instances()) {
                    boolean first = shown.add(instance.gpuInstance());
                    String used = first ? CellFormat.memory(instance.memory(), GpuMemory::usedBytes) : "";
                    String total = first ? CellFormat.memory(instance.memory(), GpuMemory::totalBytes) : "";
                    table.add(gpu.identity().index(), instance.mig(), instance.profile(), used, total, instance.uuid());
                }
            });
        }
        return table.render();
    }

    private static String power(GpuSample sample) {
        Double limit = reading(sample, DeviceMetric.POWER_LIMIT);
        String draw = CellFormat.whole(reading(sample, DeviceMetric.POWER), " W");
        return limit == null ? draw : draw + " / " + CellFormat.whole(limit, " W");
    }

    private static @Nullable Double reading(GpuSample sample, DeviceMetric metric) {
        return sample.readings().stream()
                .filter(reading -> reading.metric() == metric)
                .map(Reading::value)
                .findFirst()
                .orElse(null);
    }

    /** The state of a GPU as text; {@code ok} if it answers and its processes are listed. */
    static String state(GpuState state) {
        if (state instanceof GpuState.Stalled stalled) {
            return "stalled in " + stalled.function() + " since "
                    + stalled.since().truncatedTo(ChronoUnit.SECONDS);
        }
        if (state instanceof GpuState.Lost lost) {
            return "lost since " + lost.since().truncatedTo(ChronoUnit.SECONDS) + ": " + lost.fault();
        }
        if (state instanceof GpuState.Live live) {
            return live.sample().processes() instanceof ProcessList.Unreadable unreadable
                    ? "no process list: " + unreadable.fault()
                    : "ok";
        }
        return "no answer yet";
    }

    /** Whether the workloads of the GPU are known. */
    static boolean isComplete(GpuUsage gpu) {
        return gpu.live().filter(live -> live.attribution().processListUp()).isPresent();
    }
}
