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
 * The accounts of one GPU. A sample's values hold until the GPU's next sample. The key of an account is its label set:
 * after a rename, the old account freezes and the new one starts at 0. The account of a container is hidden until the
 * container's name is known or known to be unavailable, so that it first appears under its final name and complete from
 * its first sample.
 */
final class GpuAccounts {

    private static final AccountKey OTHER = new AccountKey("", WorkloadUsage.OTHER);

    private final Map<AccountKey, OpenAccount> entries = new HashMap<>();

    /** The keys of accounts that are not shown yet, by workload. */
    private final Map<WorkloadKey, AccountKey> hidden = new HashMap<>();

    /** The accounts of the processes in the last readable list, by pid. */
    private Map<Integer, OpenAccount> holders = Map.of();

    /** The accounts of the last sample's workloads. */
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
     * The workload of an account, regardless of its name. Of a container only the id and the outer owner count: its
     * paths may differ in the other fields. In a cgroup that may be a container, processes are shown by their command
     * names until a runtime confirms it.
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
     * Processes a sample, or the same sample again with newer names.
     *
     * @param nanos when the GPU was sampled
     * @param sample the sample that the attribution was made from
     * @param longestGap a longer time between two samples counts as unobserved and is charged to no workload
     * @param awaitsName whether the workload's name is still being looked up
     * @param room whether one more account may be opened; may evict an ended one
     * @return the attribution, with the workloads that got no account merged into {@link WorkloadUsage#OTHER}
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
        // Without a list, no workload is known to have ended and none is known to hold memory.
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

    /** Marks accounts of running workloads before any account is opened, so that they are not evicted for a new one. */
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

    /** Opens an account for the workload if it has none, or continues the one it had before its name was known. */
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

    /** The lifetime peak of an ended process is a lower bound for the peak of its workload. */
    private void raisePeaks(Map<Integer, Long> endedPeakBytes) {
        endedPeakBytes.forEach((pid, bytes) -> {
            OpenAccount holder = holders.get(pid);
            if (holder != null) {
                holder.sampled(bytes);
            }
        });
    }

    /** Counts Xids for the workloads of the last sample. Returns those workloads. */
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
     * Renames hidden accounts of ended workloads whose lookup has finished, and shows them even if no name was found.
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
     * Shows accounts that have waited {@code nameTimeout} for a name, and closes accounts of workloads that ended
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

    /** Time at which the workload that ended first was last seen; empty if none has ended. */
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
