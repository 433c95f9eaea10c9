package io.gpuagent.usage;

import io.gpuagent.device.Engine;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.ProcessUtilization;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerDetails.KubernetesNames;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Resolution;
import io.gpuagent.workload.Workload;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Provides a ledger, and samples with energy and utilization to enter into it. */
abstract class LedgerEnergyFixture {

    static final GpuIdentity GPU = new GpuIdentity(0, "GPU-a", "Tesla V100", "00000000:01:00.0");

    static final GpuIdentity OTHER_GPU = new GpuIdentity(1, "GPU-b", "Tesla V100", "00000000:02:00.0");

    final Map<String, ContainerLookup> names = new HashMap<>();

    Ledger ledger = ledger(5000);

    Ledger ledger(int maxAccounts) {
        return new Ledger(this::lookup, maxAccounts, Duration.ofMinutes(1));
    }

    ContainerLookup lookup(Workload.Named container) {
        return names.getOrDefault(container.id(), new ContainerLookup.Unknown(ContainerLookup.Reason.PENDING));
    }

    /**
     * What a GPU reports in one sample. Processes with a pid below 100 belong to the unit u&lt;pid&gt;, from 100 to 199
     * to a container, from 200 to 999 to a pod, and from 1000 on to no known workload.
     */
    record Reported(@Nullable Long millijoules, @Nullable Map<Integer, Double> sm, List<Integer> pids) {

        static Reported of(long joules, Map<Integer, Double> sm) {
            return new Reported(joules * 1000, sm, List.copyOf(sm.keySet()));
        }
    }

    void name(int pid, String name) {
        names.put(
                id(pid),
                new ContainerLookup.Known(new ContainerDetails(
                        name,
                        ContainerRuntime.DOCKER,
                        "",
                        Map.of(),
                        pid < 200 ? null : new KubernetesNames("ns", name, "c", id(pid), null))));
    }

    static String id(int pid) {
        return "%064x".formatted(pid);
    }

    static Workload workload(int pid) {
        if (pid >= 200) {
            return new Workload.Pod(id(pid), null);
        }
        return pid < 100
                ? new Workload.Unit("u" + pid, null)
                : new Workload.Container(ContainerRuntime.DOCKER, id(pid), null, null);
    }

    void enter(long second, Reported reported) {
        enter(GPU, second, reported);
    }

    void enter(GpuIdentity gpu, long second, Reported reported) {
        enterAt(gpu, second * 1_000_000_000L, reported);
    }

    void enterAt(GpuIdentity gpu, long nanos, Reported reported) {
        List<GpuProcess> processes = reported.pids().stream()
                .map(pid -> new GpuProcess(pid, "", 1L, Set.of(GpuProcess.Kind.COMPUTE)))
                .toList();
        GpuSample sample = new GpuSample(
                null,
                new ProcessList.Known(processes),
                List.of(),
                List.of(),
                reported.sm() == null ? null : utilization(reported.sm()),
                reported.millijoules(),
                Map.of(),
                List.of(),
                List.of());
        Map<Integer, Resolution> resolutions = reported.pids().stream()
                .filter(pid -> pid < 1000)
                .collect(Collectors.toMap(
                        pid -> pid, pid -> new Resolution.Resolved(workload(pid), "python3", 0, null)));
        ledger.enter(gpu, nanos, sample, Attribution.of(sample, resolutions, this::lookup), Duration.ofSeconds(1));
    }

    static ProcessUtilization utilization(Map<Integer, Double> sm) {
        return new ProcessUtilization(sm.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> Map.of(Engine.SM, entry.getValue()))));
    }

    Energy energy() {
        return ledger.energy(GPU).orElseThrow();
    }

    List<Account> accounts(long second) {
        return LedgerFixture.settled(ledger, GPU, second * 1_000_000_000L);
    }

    Map<String, Double> joules(long second) {
        return figures(second, Account::energyJoules);
    }

    Map<String, Double> figures(long second, ToDoubleFunction<Account> figure) {
        return accounts(second).stream()
                .collect(Collectors.toMap(account -> account.usage().labels().workload(), figure::applyAsDouble));
    }
}
