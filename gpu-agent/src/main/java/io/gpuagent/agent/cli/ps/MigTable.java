package io.gpuagent.agent.cli.ps;

import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.MigInstance;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.Snapshot;
import java.util.HashSet;
import java.util.Set;

/** The MIG instances of all GPUs, one line each, used or not. */
final class MigTable {

    private MigTable() {}

    /** Empty if there is no instance. The memory of a GPU instance stands on the line of the first of its compute instances. */
    static String render(Snapshot snapshot) {
        TextTable table = new TextTable(">GPU", "MIG", "PROFILE", ">USED", ">TOTAL", "UUID");
        for (GpuUsage gpu : snapshot.gpus()) {
            if (gpu.state() instanceof GpuState.Live live) {
                Set<Integer> shown = new HashSet<>();
                for (MigInstance instance : live.sample().instances()) {
                    add(table, gpu.identity().index(), instance, shown.add(instance.gpuInstance()));
                }
            }
        }
        return table.render();
    }

    private static void add(TextTable table, int gpu, MigInstance instance, boolean first) {
        GpuMemory memory = instance.memory();
        String used = Quantity.memory(memory == null ? null : memory.usedBytes());
        String total = Quantity.memory(memory == null ? null : memory.totalBytes());
        table.add(gpu, instance.mig(), instance.profile(), first ? used : "", first ? total : "", instance.uuid());
    }
}
