package io.gpuagent.usage;

import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.ProcessList;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
import io.gpuagent.workload.WorkloadLabels;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Provides a ledger, and samples to enter into it. */
abstract class LedgerFixture {

    static final GpuIdentity GPU = new GpuIdentity(0, "GPU-a", "Tesla P4", "00000000:01:00.0");

    static final GpuIdentity OTHER_GPU = new GpuIdentity(1, "GPU-b", "Tesla P4", "00000000:02:00.0");

    static final Duration SECOND = Duration.ofSeconds(1);

    static final GpuSample NOTHING =
            new GpuSample(null, new ProcessList.Known(List.of()), List.of(), List.of(), List.of());

    static final Workload A = new Workload.Unit("a.service", null);

    static final Workload B = new Workload.Unit("b.service", null);

    static final Workload.Container CONTAINER =
            new Workload.Container(ContainerRuntime.DOCKER, "0123456789abcdef".repeat(4), null, null);

    /** The directory's result for every container. */
    ContainerLookup lookup = new ContainerLookup.Unknown(ContainerLookup.Reason.PENDING);

    Ledger ledger = ledger(5000);

    Ledger ledger(int maxAccounts) {
        return new Ledger(container -> lookup, maxAccounts, Duration.ofMinutes(1));
    }

    void known(String name) {
        lookup = new ContainerLookup.Known(new ContainerDetails(name, ContainerRuntime.DOCKER, "", Map.of(), null));
    }

    static WorkloadUsage[] units(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> plain(new Workload.Unit("u" + i, null), 100L))
                .toArray(WorkloadUsage[]::new);
    }

    Attribution enter(long second, WorkloadUsage... usages) {
        return ledger.enter(GPU, nanos(second), NOTHING, attribution(usages), SECOND);
    }

    static Attribution attribution(WorkloadUsage... usages) {
        return new Attribution(true, Arrays.stream(usages).toList(), 0L);
    }

    WorkloadUsage usage(Workload workload, @Nullable Long... bytes) {
        ContainerDetails details =
                workload == CONTAINER && lookup instanceof ContainerLookup.Known known ? known.details() : null;
        return described(workload, "", details, bytes);
    }

    static WorkloadUsage plain(Workload workload, @Nullable Long bytes) {
        return described(workload, "", null, bytes);
    }

    static WorkloadUsage described(
            Workload workload, String mig, @Nullable ContainerDetails details, @Nullable Long... bytes) {
        List<ProcessUsage> processes = Arrays.stream(bytes)
                .map(each -> new ProcessUsage(
                        new GpuProcess(1, mig, each, Set.of(GpuProcess.Kind.COMPUTE)), "python3", 0, ""))
                .toList();
        return new WorkloadUsage(
                WorkloadLabels.of(workload, "python3", "", unused -> details), mig, workload, details, processes);
    }

    static List<Account> settled(Ledger ledger, GpuIdentity gpu, long nanos) {
        ledger.settle(nanos);
        return ledger.accounts(gpu, nanos);
    }

    Account account(long second, String name) {
        return settled(ledger, GPU, nanos(second)).stream()
                .filter(account -> account.usage().labels().workload().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no account for " + name));
    }

    double byteSeconds(long second, String name) {
        return Optional.ofNullable(account(second, name).memoryByteSeconds()).orElseThrow();
    }

    static List<String> names(Attribution attribution) {
        return names(attribution.workloads());
    }

    static List<String> names(List<WorkloadUsage> usages) {
        return usages.stream().map(usage -> usage.labels().workload()).toList();
    }

    static long sum(Attribution attribution) {
        return attribution.workloads().stream()
                .mapToLong(usage -> Objects.requireNonNullElse(usage.memoryBytes(), 0L))
                .sum();
    }

    static long nanos(long second) {
        return second * 1_000_000_000L;
    }
}
