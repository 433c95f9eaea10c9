package io.gpuagent.agent.doctor;

import io.gpuagent.device.BackendUnavailableException.Reason;
import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.ProcessList;
import io.gpuagent.usage.Attribution;
import io.gpuagent.usage.BackendState;
import io.gpuagent.usage.DurationHistogram;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.SamplerTotals;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.workload.Resolution;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Hand-made snapshots with chosen GPU states. */
final class DoctorSnapshots {

    static final GpuMemory MEMORY = new GpuMemory(GpuMemory.Api.V2, 100, 60, 40, 0L);
    private static final Instant TIME = Instant.parse("2026-11-23T12:00:00Z");
    private static final SamplerTotals TOTALS =
            new SamplerTotals(Map.of(), Map.of(), Duration.ofSeconds(1), DurationHistogram.EMPTY);

    private DoctorSnapshots() {}

    static Snapshot of(GpuState... gpus) {
        return of(Map.of(), gpus);
    }

    static Snapshot of(Map<Resolution.Reason, Integer> unresolved, GpuState... gpus) {
        List<GpuUsage> usages = IntStream.range(0, gpus.length)
                .mapToObj(i -> new GpuUsage(
                        new GpuIdentity(i, "GPU-" + i, i == 0 ? "Tesla P4" : "", "00000000:3B:00.0"), gpus[i]))
                .toList();
        return new Snapshot(TIME, backend("nvml", true, null, ""), usages, unresolved, Map.of(), TOTALS);
    }

    static Snapshot simulated() {
        return new Snapshot(TIME, backend("simulated", true, null, ""), List.of(), Map.of(), Map.of(), TOTALS);
    }

    static Snapshot down(Reason reason) {
        return new Snapshot(TIME, backend("nvml", false, reason, "said so"), List.of(), Map.of(), Map.of(), TOTALS);
    }

    private static BackendState backend(String name, boolean up, @Nullable Reason reason, String message) {
        return new BackendState(name, up, true, up ? "580.95.05" : "", reason, message);
    }

    static Snapshot unknown() {
        BackendState backend = new BackendState("nvml", false, false, "", null, "");
        return new Snapshot(null, backend, List.of(), Map.of(), Map.of(), TOTALS);
    }

    static GpuState live(Integer... pids) {
        return live(MEMORY, List.of(), List.of(), pids);
    }

    static GpuState live(@Nullable GpuMemory memory, List<CallFault> faults, List<String> rejections, Integer... pids) {
        List<GpuProcess> processes = List.of(pids).stream()
                .map(pid -> new GpuProcess(pid, "", 1L, Set.of(GpuProcess.Kind.COMPUTE)))
                .toList();
        return live(new GpuSample(memory, new ProcessList.Known(processes), List.of(), faults, rejections));
    }

    static GpuState withoutList(String code) {
        CallFault fault = new CallFault("nvmlDeviceGetComputeRunningProcesses_v3", code);
        return live(new GpuSample(MEMORY, new ProcessList.Unreadable(fault), List.of(), List.of(), List.of()));
    }

    private static GpuState live(GpuSample sample) {
        return new GpuState.Live(TIME, sample, new Attribution(false, List.of(), null));
    }

    static GpuState lost(String code) {
        return new GpuState.Lost(new CallFault("nvmlDeviceGetHandleByIndex_v2", code), TIME);
    }

    static GpuState stalled() {
        return new GpuState.Stalled("nvmlDeviceGetMemoryInfo_v2", TIME);
    }
}
