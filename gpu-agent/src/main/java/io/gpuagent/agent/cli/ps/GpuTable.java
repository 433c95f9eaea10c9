package io.gpuagent.agent.cli.ps;

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

/** The GPUs and their MIG instances, one line each. */
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
        String used = PsFormat.memory(sample.memory(), GpuMemory::usedBytes);
        String total = PsFormat.memory(sample.memory(), GpuMemory::totalBytes);
        String unattributed = PsFormat.memory(live.attribution().unattributedBytes());
        String busy = PsFormat.percent(reading(sample, DeviceMetric.UTILIZATION));
        String heat = PsFormat.whole(reading(sample, DeviceMetric.TEMPERATURE), " C");
        table.add(gpu.index(), gpu.model(), used, total, unattributed, busy, heat, power(sample), state(live));
    }

    /** Empty if there is no instance. The memory of a GPU instance stands on the line of the first of its compute instances. */
    static String instances(Snapshot snapshot) {
        TextTable table = new TextTable(">GPU|MIG|PROFILE|>USED|>TOTAL|UUID");
        for (GpuUsage gpu : snapshot.gpus()) {
            if (gpu.state() instanceof GpuState.Live live) {
                Set<Integer> shown = new HashSet<>();
                for (MigInstance instance : live.sample().instances()) {
                    boolean first = shown.add(instance.gpuInstance());
                    String used = first ? PsFormat.memory(instance.memory(), GpuMemory::usedBytes) : "";
                    String total = first ? PsFormat.memory(instance.memory(), GpuMemory::totalBytes) : "";
                    table.add(gpu.identity().index(), instance.mig(), instance.profile(), used, total, instance.uuid());
                }
            }
        }
        return table.render();
    }

    private static String power(GpuSample sample) {
        Double limit = reading(sample, DeviceMetric.POWER_LIMIT);
        String draw = PsFormat.whole(reading(sample, DeviceMetric.POWER), " W");
        return limit == null ? draw : draw + " / " + PsFormat.whole(limit, " W");
    }

    private static @Nullable Double reading(GpuSample sample, DeviceMetric metric) {
        return sample.readings().stream()
                .filter(reading -> reading.metric() == metric)
                .map(Reading::value)
                .findFirst()
                .orElse(null);
    }

    /** A GPU's state in words; {@code ok} if there is nothing to say. */
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
        return "has not answered yet";
    }

    /** Whether the workloads of the GPU are known. */
    static boolean isComplete(GpuUsage gpu) {
        return gpu.state() instanceof GpuState.Live live && live.attribution().processListUp();
    }
}
