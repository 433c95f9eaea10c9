package io.gpuagent.usage;

import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuSample;
import io.gpuagent.workload.ContainerDirectory;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The accounts of all GPUs, updated with each sample. Called only by the sampler thread. */
final class Ledger {

    /** How long an account is hidden while its container's name is looked up. */
    private static final Duration NAME_TIMEOUT = Duration.ofSeconds(10);

    /**
     * How long the account of an ended workload is still shown. This covers many scrapes, so that a Prometheus server
     * that missed some still gets the final values.
     */
    private static final Duration RETENTION = Duration.ofMinutes(15);

    private static final Duration MIN_GAP = Duration.ofSeconds(10);
    private static final int INTERVALS_PER_GAP = 3;

    private final Map<Board, GpuAccounts> gpus = new HashMap<>();
    private final ContainerDirectory directory;
    private final int maxAccounts;
    private final Duration peakWindow;

    Ledger(ContainerDirectory directory, int maxAccounts, Duration peakWindow) {
        this.directory = directory;
        this.maxAccounts = maxAccounts;
        this.peakWindow = peakWindow;
    }

    /**
     * Enters a GPU's sample, or the same sample again after names have become known.
     *
     * @param nanos the monotonic time at which the sample was taken
     * @param sample the sample that the attribution was made from
     * @param interval the current sample interval
     * @return the attribution; workloads above the account limit are merged into one
     */
    Attribution enter(GpuIdentity gpu, long nanos, GpuSample sample, Attribution attribution, Duration interval) {
        GpuAccounts accounts = gpus.computeIfAbsent(Board.of(gpu), unused -> new GpuAccounts());
        Duration gap = interval.multipliedBy(INTERVALS_PER_GAP);
        long longest = Math.max(gap.toNanos(), MIN_GAP.toNanos());
        return accounts.take(nanos, sample, attribution, longest, this::awaitsName, this::hasRoom);
    }

    /** Whether the GPU has been sampled. */
    boolean knows(GpuIdentity gpu) {
        return gpus.containsKey(Board.of(gpu));
    }

    /**
     * Counts Xids for the workloads that were on the GPU, or on the MIG instance, at its last sample. Returns those
     * workloads.
     */
    List<WorkloadUsage> count(GpuIdentity gpu, String mig, String xid, long count) {
        return of(gpu).count(mig, xid, count);
    }

    private boolean awaitsName(WorkloadUsage usage) {
        return Attribution.lookup(usage.workload(), directory)
                .filter(Attribution::mayChange)
                .isPresent();
    }

    /** Whether one more account may be opened. At the limit, evicts the account of the workload that ended first. */
    private boolean hasRoom() {
        if (gpus.values().stream().mapToInt(GpuAccounts::size).sum() < maxAccounts) {
            return true;
        }
        Optional<GpuAccounts> oldest = gpus.values().stream()
                .filter(accounts -> accounts.oldestEnded().isPresent())
                .min(Comparator.comparing(accounts -> accounts.oldestEnded().orElseThrow()));
        oldest.ifPresent(GpuAccounts::evict);
        return oldest.isPresent();
    }

    /** The accounts of a GPU; empty for a GPU that was never sampled. */
    private GpuAccounts of(GpuIdentity gpu) {
        return gpus.getOrDefault(Board.of(gpu), new GpuAccounts());
    }

    /**
     * Updates all accounts after a tick: shows hidden accounts whose name has been found or whose time is up, and
     * closes those of ended workloads after the retention.
     */
    void settle(long nanos) {
        for (GpuAccounts accounts : gpus.values()) {
            accounts.nameEnded(nanos, usage -> Attribution.named(usage, directory), this::awaitsName);
            accounts.settle(nanos, NAME_TIMEOUT.toNanos(), RETENTION.toNanos());
        }
    }

    /** The accounts of a GPU that are not hidden. */
    List<Account> accounts(GpuIdentity gpu, long nanos) {
        return of(gpu).shown(nanos, peakWindow.toNanos());
    }

    /** The unobserved time of a GPU since its first sample, in seconds. */
    double unobservedSeconds(GpuIdentity gpu) {
        return of(gpu).unobservedSeconds();
    }

    /** The energy of a GPU since its first sample; empty if it never reported any. */
    Optional<Energy> energy(GpuIdentity gpu) {
        return of(gpu).energy();
    }

    /** Removes the accounts of all GPUs except these. */
    void retainOnly(Set<GpuIdentity> known) {
        gpus.keySet().retainAll(known.stream().map(Board::of).toList());
    }
}
