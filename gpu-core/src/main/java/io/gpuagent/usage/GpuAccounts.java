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

/**
 * The accounts of one GPU. A sample's values hold until the GPU's next sample. An account is known by the labels it is shown with: after
 * a rename the old one stays as it is, and the new one starts from nothing. Until a container's name is known, or will not be, its account
 * is not shown, so that it is complete from its first sample under the name it then has.
 */
final class GpuAccounts {

    private static final AccountKey OTHER = new AccountKey("", WorkloadUsage.OTHER);

    private final Map<AccountKey, OpenAccount> entries = new HashMap<>();

    /** The accounts that are not shown yet, by whom they are of. */
    private final Map<WorkloadKey, AccountKey> hidden = new HashMap<>();

    /** The accounts of the processes on the last list that could be read. */
    private Map<Integer, OpenAccount> holders = Map.of();

    private final EnergyAttribution work = new EnergyAttribution();

    private long sampledAt;
    private boolean sampled;
    private boolean listed;
    private double unobservedSeconds;

    /** What an account is shown with. */
    private record AccountKey(String mig, WorkloadLabels labels) {

        static AccountKey of(WorkloadUsage usage) {
            return new AccountKey(usage.mig(), usage.labels());
        }
    }

    /** Who an account is of, whatever it is called. Paths of one container may tell more or less beside its id. */
    private record WorkloadKey(String mig, Workload workload) {

        static WorkloadKey of(WorkloadUsage usage) {
            return new WorkloadKey(
                    usage.mig(),
                    usage.workload() instanceof Workload.Container container
                            ? new Workload.Container(null, container.id(), null, null)
                            : usage.workload());
        }
    }

    /**
     * Takes a sample, or the same sample again with newer names.
     *
     * @param nanos when the GPU was sampled
     * @param sample what the GPU told, of which the attribution is
     * @param longestGap a longer time between two samples was not observed, and is charged to nobody
     * @param unnamed whether a workload may yet get a name
     * @param room whether one more account may be opened
     * @return the attribution, in which workloads without an account are one, {@link WorkloadUsage#OTHER}
     */
    Attribution take(
            long nanos,
            GpuSample sample,
            Attribution attribution,
            long longestGap,
            Predicate<WorkloadUsage> unnamed,
            BooleanSupplier room) {
        long elapsed = sampled ? nanos - sampledAt : 0;
        if (elapsed != 0) {
            charge(elapsed, longestGap);
        }
        sampled = true;
        sampledAt = nanos;
        listed = attribution.processListUp();
        // Without a list nobody is known to have gone, and nobody to hold anything.
        entries.values().forEach(entry -> entry.letGo(listed));
        attribution.workloads().forEach(usage -> see(usage, nanos));
        List<WorkloadUsage> admitted = new ArrayList<>();
        List<WorkloadUsage> others = new ArrayList<>();
        for (WorkloadUsage usage : attribution.workloads()) {
            (open(usage, nanos, unnamed, room) ? admitted : others).add(usage);
        }
        WorkloadUsage.other(others).ifPresent(other -> {
            entries.computeIfAbsent(AccountKey.of(other), key -> new OpenAccount(other, nanos));
            admitted.add(other);
        });
        Map<Integer, OpenAccount> accounts = hold(admitted, nanos, sample.energyMillijoules() != null);
        raisePeaks(sample.endedPeakBytes());
        holders = listed ? accounts : holders;
        if (elapsed == 0) {
            work.begin(sample, accounts);
        } else {
            work.end(sample, accounts, elapsed / 1e9, elapsed <= longestGap);
        }
        return others.isEmpty() ? attribution : attribution.with(admitted, others.size());
    }

    /** Before any account is opened: whoever is still there must not make room for another. */
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

    /** Opens an account for the workload if it has none, or goes on with the one it had before its name was known. */
    private boolean open(WorkloadUsage usage, long nanos, Predicate<WorkloadUsage> unnamed, BooleanSupplier room) {
        AccountKey key = AccountKey.of(usage);
        WorkloadKey identity = WorkloadKey.of(usage);
        boolean waits = unnamed.test(usage);
        AccountKey before = hidden.get(identity);
        if (before != null && !before.equals(key)) {
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
            if (waits) {
                hidden.put(identity, key);
            }
        }
        if (!waits) {
            hidden.remove(identity);
        }
        return true;
    }

    /** Returns the accounts of the processes, by pid. */
    private Map<Integer, OpenAccount> hold(List<WorkloadUsage> usages, long nanos, boolean energyTold) {
        Map<Integer, OpenAccount> accounts = new HashMap<>();
        for (WorkloadUsage usage : usages) {
            OpenAccount entry = account(usage);
            entry.follow(usage, nanos, energyTold);
            usage.processes().forEach(process -> accounts.put(process.process().pid(), entry));
        }
        return accounts;
    }

    private OpenAccount account(WorkloadUsage usage) {
        return Objects.requireNonNull(entries.get(AccountKey.of(usage)));
    }

    /** Whoever has ended held at some time what the driver says, and his workload no less. */
    private void raisePeaks(Map<Integer, Long> endedPeakBytes) {
        endedPeakBytes.forEach((pid, bytes) -> {
            OpenAccount holder = holders.get(pid);
            if (holder != null) {
                holder.sampled(bytes);
            }
        });
    }

    /** Counts errors for those who were there at the last sample; returns them. */
    List<WorkloadUsage> count(String mig, String xid, long errors) {
        List<OpenAccount> there = entries.values().stream()
                .filter(entry -> !entry.isGone() && concerns(mig, entry.usage().mig()))
                .toList();
        there.forEach(entry -> entry.countXids(xid, errors));
        return there.stream().map(OpenAccount::usage).sorted(Attribution.ORDER).toList();
    }

    /** Whoever is on no instance may be on all, and an error of no instance is one of all. */
    private static boolean concerns(String instance, String of) {
        return instance.isEmpty() || of.isEmpty() || of.equals(instance) || of.startsWith(instance + ":");
    }

    /** Names whoever went before the name came, or shows him without if there is none. */
    void nameGone(long nanos, UnaryOperator<WorkloadUsage> named, Predicate<WorkloadUsage> unnamed) {
        for (AccountKey key : List.copyOf(hidden.values())) {
            OpenAccount entry = entries.get(key);
            if (entry != null && entry.isGone()) {
                WorkloadUsage usage = named.apply(entry.usage());
                if (open(usage, nanos, unnamed, () -> false) && account(usage).isGone()) {
                    account(usage).name(usage);
                }
            }
        }
    }

    /** Shows what has waited long enough for a name, and forgets whoever has been gone for longer than {@code keep}. */
    void settle(long nanos, long patience, long keep) {
        hidden.values().removeIf(key -> {
            OpenAccount entry = entries.get(key);
            return entry == null || nanos - entry.firstNanos >= patience;
        });
        entries.values().removeIf(entry -> entry.isGone() && nanos - entry.seenNanos() > keep && close(entry));
    }

    private boolean close(OpenAccount entry) {
        work.giveBack(entry.close());
        return true;
    }

    /** The accounts that are shown, in the order of their labels. */
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

    /** What the GPU has used since it was first sampled; empty if it never told. */
    Optional<Energy> energy() {
        return work.energy();
    }

    /** How many accounts there are. */
    int size() {
        return entries.size();
    }

    /** When the one was last seen that has been gone for longest; empty if nobody is gone. */
    Optional<Long> oldestGone() {
        return gone().map(entry -> entry.getValue().seenNanos());
    }

    /** Forgets the one that has been gone for longest. */
    void evict() {
        gone().ifPresent(entry -> {
            close(entry.getValue());
            entries.remove(entry.getKey());
        });
    }

    private Optional<Map.Entry<AccountKey, OpenAccount>> gone() {
        return entries.entrySet().stream()
                .filter(entry -> entry.getValue().isGone() && !entry.getKey().equals(OTHER))
                .min(Comparator.comparingLong(entry -> entry.getValue().seenNanos()));
    }
}
