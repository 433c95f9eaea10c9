package io.gpuagent.usage;

import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuSample;
import io.gpuagent.workload.ContainerDirectory;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.ContainerLookup.Reason;
import io.gpuagent.workload.WorkloadLabels;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The accounts of all workloads on all GPUs, kept from sample to sample. For the sampling thread. */
final class Ledger {

    /** How long an account waits for the name of its container. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** How long the account of a workload that has gone is still shown: many scrapes, for a server that was away for some. */
    private static final Duration KEPT = Duration.ofMinutes(15);

    private static final Duration SHORTEST_GAP = Duration.ofSeconds(10);
    private static final int INTERVALS_OF_A_GAP = 3;

    private final Map<Board, GpuAccounts> gpus = new HashMap<>();
    private final ContainerDirectory directory;
    private final int mostAccounts;
    private final Duration peakWindow;

    Ledger(ContainerDirectory directory, int mostAccounts, Duration peakWindow) {
        this.directory = directory;
        this.mostAccounts = mostAccounts;
        this.peakWindow = peakWindow;
    }

    /**
     * Enters a GPU's sample, once or again with newer names.
     *
     * @param nanos the monotonic time at which it was taken
     * @param sample of which the attribution is
     * @param interval the time between two samples now
     * @return the attribution, in which workloads beyond the limit of accounts are one
     */
    Attribution enter(GpuIdentity gpu, long nanos, GpuSample sample, Attribution attribution, Duration interval) {
        GpuAccounts accounts = gpus.computeIfAbsent(Board.of(gpu), unused -> new GpuAccounts());
        Duration gap = interval.multipliedBy(INTERVALS_OF_A_GAP);
        long longest = Math.max(gap.toNanos(), SHORTEST_GAP.toNanos());
        return accounts.take(nanos, sample, attribution, longest, this::awaitsItsName, this::hasRoom);
    }

    /** Whether the GPU was ever sampled. */
    boolean knows(GpuIdentity gpu) {
        return gpus.containsKey(Board.of(gpu));
    }

    /** Counts errors for those who were on the GPU, or on the MIG instance of it, at its last sample; returns them. */
    List<WorkloadUsage> count(GpuIdentity gpu, String mig, String xid, long errors) {
        return of(gpu).count(mig, xid, errors);
    }

    private boolean awaitsItsName(WorkloadUsage usage) {
        ContainerLookup lookup = usage.details() == null
                ? Attribution.lookup(usage.workload(), directory).orElse(null)
                : null;
        if (lookup instanceof ContainerLookup.Known known) {
            // Without a name, and one has come since the sample was attributed: the next entry has it.
            return usage.labels().equals(WorkloadLabels.of(usage.workload()))
                    && !usage.labels().equals(WorkloadLabels.of(usage.workload(), known.details()));
        }
        return lookup instanceof ContainerLookup.Unknown unknown
                && (unknown.reason() == Reason.PENDING || unknown.reason() == Reason.UNAVAILABLE);
    }

    /** Whether one more account may be opened, if need be in the place of the one whose workload has been gone for longest. */
    private boolean hasRoom() {
        if (gpus.values().stream().mapToInt(GpuAccounts::size).sum() < mostAccounts) {
            return true;
        }
        Optional<GpuAccounts> longest = gpus.values().stream()
                .filter(accounts -> accounts.oldestGone().isPresent())
                .min(Comparator.comparing(accounts -> accounts.oldestGone().orElseThrow()));
        longest.ifPresent(GpuAccounts::evict);
        return longest.isPresent();
    }

    /** Those of a GPU, if need be of one that was never sampled. */
    private GpuAccounts of(GpuIdentity gpu) {
        return gpus.getOrDefault(Board.of(gpu), new GpuAccounts());
    }

    /** The accounts of a GPU that are shown now. */
    List<Account> accounts(GpuIdentity gpu, long nanos) {
        GpuAccounts accounts = of(gpu);
        accounts.nameGone(nanos, usage -> Attribution.named(usage, directory), this::awaitsItsName);
        accounts.settle(nanos, PATIENCE.toNanos(), KEPT.toNanos());
        return accounts.shown(nanos, peakWindow.toNanos());
    }

    /** How long nobody knows what was held on a GPU, in seconds since it was first sampled. */
    double unobservedSeconds(GpuIdentity gpu) {
        return of(gpu).unobservedSeconds();
    }

    /** What a GPU has used since it was first sampled; empty if it never told. */
    Optional<Energy> energy(GpuIdentity gpu) {
        return of(gpu).energy();
    }

    /** Closes the accounts of all GPUs but these. */
    void forgetAllBut(Set<GpuIdentity> known) {
        gpus.keySet().retainAll(known.stream().map(Board::of).toList());
    }
}
