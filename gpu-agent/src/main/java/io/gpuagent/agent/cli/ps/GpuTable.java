package io.gpuagent.agent.cli.ps;

import static io.gpuagent.agent.cli.ps.TextTable.Column.left;
import static io.gpuagent.agent.cli.ps.TextTable.Column.right;

import io.gpuagent.agent.cli.TerminalText;
import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.Reading;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.Snapshot;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** The summary of the GPUs, one line each. */
final class GpuTable {

    private GpuTable() {}

    static String render(Snapshot snapshot) {
        TextTable table = new TextTable(
                right("GPU"),
                left("MODEL"),
                right("USED"),
                right("TOTAL"),
                right("UNATTRIBUTED"),
                right("UTIL"),
                right("TEMP"),
                right("POWER"),
                left("STATE"));
        snapshot.gpus().forEach(gpu -> add(table, gpu));
        return table.render();
    }

    private static void add(TextTable table, GpuUsage gpu) {
        String index = Integer.toString(gpu.identity().index());
        String model = TerminalText.escape(gpu.identity().model());
        if (gpu.state() instanceof GpuState.Live live) {
            addLive(table, index, model, live);
        } else {
            table.add(index, model, "-", "-", "-", "-", "-", "-", state(gpu.state()));
        }
    }

    private static void addLive(TextTable table, String index, String model, GpuState.Live live) {
        GpuSample sample = live.sample();
        GpuMemory memory = sample.memory();
        table.add(
                index,
                model,
                Quantity.memory(memory == null ? null : memory.usedBytes()),
                Quantity.memory(memory == null ? null : memory.totalBytes()),
                Quantity.memory(live.attribution().unattributedBytes()),
                Quantity.percent(reading(sample, DeviceMetric.UTILIZATION)),
                Quantity.whole(reading(sample, DeviceMetric.TEMPERATURE), " C"),
                power(sample),
                state(live));
    }

    private static String power(GpuSample sample) {
        Double limit = reading(sample, DeviceMetric.POWER_LIMIT);
        String draw = Quantity.whole(reading(sample, DeviceMetric.POWER), " W");
        return limit == null ? draw : draw + " / " + Quantity.whole(limit, " W");
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
