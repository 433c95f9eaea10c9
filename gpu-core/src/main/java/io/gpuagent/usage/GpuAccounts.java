package io.gpuagent.usage;

import io.gpuagent.device.GpuSample;
import io.gpuagent.workload.Workload;
import io.gpuagent.workload.WorkloadLabels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The accounts of one GPU. The values of a sample apply until the GPU's next sample. An account is identified by its
 * label set: if a workload is renamed, its old account stops and the new one starts at 0. The account of a container is
 * hidden until its name is known, or known to be unavailable. So it first appears under its final name, with everything
 * that was charged since its first sample.
 */
final class GpuAccounts {

    private static final AccountKey OTHER = new AccountKey("", WorkloadUsage.OTHER);

    private final Map<AccountKey, OpenAccount> entries = new HashMap<>();

    /** The keys of hidden accounts, by workload. */
    private final Map<WorkloadKey, AccountKey> hidden = new HashMap<>();

    /** The account of each process in the last readable list, by pid. */
    private Map<Integer, OpenAccount> holders = Map.of();

    /** The keys of the accounts of the last sample's workloads. */
    private Set<AccountKey> present = Set.of();

    private final EnergyAttribution energy = new EnergyAttribution();

    private long sampledAt;
    private boolean sampled;
    private boolean listed;
    private double unobservedSeconds;

    /** The exposed label set of an account. */
    private record AccountKey(String mig, WorkloadLabels labels) {

        static AccountKey of(WorkloadUsage usage) {
            return new AccountKey(usage.mig(), usage.labels());
        }
    }

    /**
     * Identifies a workload regardless of its name. A container is identified by its id and its outer owner: its other
     * fields may differ between its cgroup paths. If it is not certain that a cgroup is a container, the command name
     * counts too, because processes are shown by it until a container runtime confirms the container.
     */
    private record WorkloadKey(String mig, Workload workload, String user, String comm) {

        static WorkloadKey of(WorkloadUsage usage) {
            return new WorkloadKey(
                    usage.mig(),
                    usage.workload() instanceof Workload.Container container
                            ? new Workload.Container(null, container.id(), null, null, container.outer(), "")
                            : usage.workload(),
                    usage.processes().get(0).user(),
                    usage.workload() instanceof Workload.Container container && container.isGuess()
                            ? usage.processes().get(0).comm()
                            : "");
        }
    }

    /**
     * Processes a sample, or the same sample again after names have become known.
     *
     * @param nanos when the GPU was sampled
     * @param sample the sample that the attribution was made from
     * @param longestGap if the time between two samples is longer, it is unobserved and charged to no workload
     * @param awaitsName whether the workload's name is still being looked up
     * @param room returns whether one more account may be opened, and may evict the account of an ended workload for it
     * @return the attribution; workloads without an account are merged into {@link WorkloadUsage#OTHER}
     */
    Attribution take(
            long nanos,
            GpuSample sample,
            Attribution attribution,
            long longestGap,
            Predicate<WorkloadUsage> awaitsName,
            BooleanSupplier room) {
        long elapsed = sampled ? nanos - sampledAt : 0;
        if (elapsed != 0) {
            charge(elapsed, longestGap);
        }
        sampled = true;
        sampledAt = nanos;
        listed = attribution.processListUp();
        // If the list could not be read, it is unknown which workloads have ended and which hold memory.
        entries.values().forEach(entry -> entry.beginSample(listed));
        attribution.workloads().forEach(usage -> see(usage, nanos));
        present = attribution.workloads().stream().map(AccountKey::of).collect(Collectors.toSet());
        List<WorkloadUsage> admitted = new ArrayList<>();
        List<WorkloadUsage> others = new ArrayList<>();
        for (WorkloadUsage usage : attribution.workloads()) {
            (open(usage, nanos, awaitsName, room) ? admitted : others).add(usage);
        }
        WorkloadUsage.other(others).ifPresent(other -> {
            entries.computeIfAbsent(AccountKey.of(other), key -> new OpenAccount(other, nanos));
            admitted.add(other);
        });
        Map<Integer, OpenAccount> accounts = follow(admitted, nanos, sample.energyMillijoules() != null);
        raisePeaks(sample.endedPeakBytes());
        holders = listed ? accounts : holders;
        if (elapsed == 0) {
            energy.begin(sample, accounts);
        } else {
            energy.end(sample, accounts, elapsed / 1e9, elapsed <= longestGap);
        }
        return others.isEmpty() ? attribution : attribution.with(admitted, others.size());
    }

    /**
     * Marks the accounts of all running workloads as in use. This happens before an account is opened, so that none of
     * them is evicted for it.
     */
    private void see(WorkloadUsage usage, long nanos) {
        for (AccountKey key : Arrays.asList(AccountKey.of(usage), hidden.get(WorkloadKey.of(usage)))) {
            OpenAccount entry = entries.get(key);
            if (entry != null) {
                entry.seen(nanos);
            }
        }
    }

    private void charge(long elapsed, long longestGap) {
        double seconds = elapsed / 1e9;
        if (elapsed > longestGap || !listed) {
            unobservedSeconds += seconds;
            return;
        }
        entries.values().forEach(entry -> entry.chargeHeld(seconds));
    }

    /**
     * Opens an account for the workload if it has none. If the workload had a hidden account under another name, that
     * account is continued. Returns false if no account may be opened.
     */
    private boolean open(WorkloadUsage usage, long nanos, Predicate<WorkloadUsage> awaitsName, BooleanSupplier room) {
        AccountKey key = AccountKey.of(usage);
        WorkloadKey identity = WorkloadKey.of(usage);
        boolean hide = awaitsName.test(usage);
        AccountKey before = hidden.get(identity);
        if (before != null && !before.equals(key) && !present.contains(before)) {
            OpenAccount moved = entries.remove(before);
            if (moved != null) {
                entries.merge(key, moved, OpenAccount::absorb);
            }
        }
        if (!entries.containsKey(key)) {
            if (!room.getAsBoolean()) {
                return false;
            }
            entries.put(key, new OpenAccount(usage, nanos));
            if (hide) {
                hidden.put(identity, key);
            }
        }
        if (!hide) {
            hidden.remove(identity);
        }
        return true;
    }

    /** Updates the workloads' accounts. Returns the accounts of their processes, by pid. */
    private Map<Integer, OpenAccount> follow(List<WorkloadUsage> usages, long nanos, boolean energyReported) {
        Map<Integer, OpenAccount> accounts = new HashMap<>();
        for (WorkloadUsage usage : usages) {
            OpenAccount entry = account(usage);
            entry.follow(usage, nanos, energyReported);
            usage.processes().forEach(process -> accounts.put(process.process().pid(), entry));
        }
        return accounts;
    }

    private OpenAccount account(WorkloadUsage usage) {
        return Objects.requireNonNull(entries.get(AccountKey.of(usage)));
    }

    /**
     * Raises the peaks of workloads to the lifetime peaks of their ended processes. A workload's peak cannot be lower
     * than the peak of one of its processes.
     */
    private void raisePeaks(Map<Integer, Long> endedPeakBytes) {
        endedPeakBytes.forEach((pid, bytes) -> {
            OpenAccount holder = holders.get(pid);
            if (holder != null) {
                holder.sampled(bytes);
            }
        });
    }

    /** Counts Xids for the workloads of the last sample that the Xid concerns. Returns those workloads. */
    List<WorkloadUsage> count(String mig, String xid, long count) {
        List<OpenAccount> present = entries.values().stream()
                .filter(entry -> !entry.isEnded() && concerns(mig, entry.usage().mig()))
                .toList();
        present.forEach(entry -> entry.countXids(xid, count));
        return present.stream()
                .map(OpenAccount::usage)
                .sorted(Attribution.ORDER)
                .toList();
    }

    /** A workload without a MIG instance may run on any of them; an Xid without one concerns the whole board. */
    private static boolean concerns(String xidInstance, String workloadInstance) {
        return xidInstance.isEmpty()
                || workloadInstance.isEmpty()
                || workloadInstance.equals(xidInstance)
                || workloadInstance.startsWith(xidInstance + ":");
    }

    /**
     * Renames hidden accounts of ended workloads whose lookup has finished. They are shown then, even if no name was
     * found.
     */
    void nameEnded(long nanos, UnaryOperator<WorkloadUsage> named, Predicate<WorkloadUsage> awaitsName) {
        for (AccountKey key : List.copyOf(hidden.values())) {
            OpenAccount entry = entries.get(key);
            if (entry != null && entry.isEnded()) {
                WorkloadUsage usage = named.apply(entry.usage());
                if (open(usage, nanos, awaitsName, () -> false)
                        && account(usage).isEnded()) {
                    account(usage).rename(usage);
                }
            }
        }
    }

    /**
     * Shows accounts that have waited for a name for {@code nameTimeout}, and closes accounts of workloads that ended
     * longer than {@code retention} ago.
     */
    void settle(long nanos, long nameTimeout, long retention) {
        hidden.values().removeIf(key -> {
            OpenAccount entry = entries.get(key);
            return entry == null || nanos - entry.firstNanos >= nameTimeout;
        });
        entries.values().removeIf(entry -> entry.isEnded() && nanos - entry.seenNanos() > retention && close(entry));
    }

    private boolean close(OpenAccount entry) {
        energy.addUnattributed(entry.close());
        return true;
    }

    /** The accounts that are shown, sorted by their labels. */
    List<Account> shown(long nanos, long peakLength) {
        Set<AccountKey> waiting = Set.copyOf(hidden.values());
        return entries.entrySet().stream()
                .filter(entry -> !waiting.contains(entry.getKey()))
                .map(Map.Entry::getValue)
                .map(entry -> entry.show(nanos, peakLength))
                .sorted(Comparator.comparing(Account::usage, Attribution.ORDER))
                .toList();
    }

    double unobservedSeconds() {
        return unobservedSeconds;
    }

    /** The energy since the first sample; empty if the GPU never reported any. */
    Optional<Energy> energy() {
        return energy.energy();
    }

    /** The number of accounts, hidden ones included. */
    int size() {
        return entries.size();
    }

    /** The time at which the workload that ended first was last seen; empty if none has ended. */
    Optional<Long> oldestEnded() {
        return firstEnded().map(entry -> entry.getValue().seenNanos());
    }

    /** Closes the account of the workload that ended first. */
    void evict() {
        firstEnded().ifPresent(entry -> {
            close(entry.getValue());
            entries.remove(entry.getKey());
        });
    }

    private Optional<Map.Entry<AccountKey, OpenAccount>> firstEnded() {
        return entries.entrySet().stream()
                .filter(entry -> entry.getValue().isEnded() && !entry.getKey().equals(OTHER))
                .min(Comparator.comparingLong(entry -> entry.getValue().seenNanos()));
    }
}
