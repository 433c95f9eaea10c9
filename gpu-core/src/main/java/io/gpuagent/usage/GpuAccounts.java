package io.gpuagent.usage;

import io.gpuagent.workload.Workload;
import io.gpuagent.workload.WorkloadLabels;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The accounts of one GPU. A sample's values hold until the GPU's next sample. An account is known by the labels it is shown with: after
 * a rename the old one stays as it is, and the new one starts from nothing. Until a container's name is known, or will not be, its account
 * is not shown, so that it is complete from its first sample under the name it then has.
 */
final class GpuAccounts {

    private static final Key OTHER = new Key("", WorkloadUsage.OTHER);

    private final Map<Key, Entry> entries = new HashMap<>();

    /** The accounts that are not shown yet, by whom they are of. */
    private final Map<Identity, Key> hidden = new HashMap<>();

    /** What each account holds since the last sample. */
    private Map<Key, Long> held = Map.of();

    private long sampledAt;
    private boolean sampled;
    private boolean listed;
    private double unobservedSeconds;

    /** What an account is shown with. */
    private record Key(String mig, WorkloadLabels labels) {

        static Key of(WorkloadUsage usage) {
            return new Key(usage.mig(), usage.labels());
        }
    }

    /** Who an account is of, whatever it is called. */
    private record Identity(String mig, Workload workload) {}

    private static final class Entry {

        private final long firstNanos;
        private final PeakWindow peak = new PeakWindow();
        private final Map<String, Long> xids = new TreeMap<>();
        private WorkloadUsage usage;
        private long seenNanos;
        private @Nullable Double byteSeconds;

        Entry(WorkloadUsage usage, long nanos) {
            this.usage = usage;
            this.firstNanos = nanos;
            this.seenNanos = nanos;
        }
    }

    /**
     * Takes a sample, or the same sample again with newer names.
     *
     * @param nanos when the GPU was sampled
     * @param longestGap a longer time between two samples was not observed, and is charged to nobody
     * @param unnamed whether a workload may yet get a name
     * @param room whether one more account may be opened
     * @return the attribution, in which workloads without an account are one, {@link WorkloadUsage#OTHER}
     */
    Attribution take(
            long nanos,
            Attribution attribution,
            long longestGap,
            Predicate<WorkloadUsage> unnamed,
            BooleanSupplier room) {
        boolean fresh = !sampled || nanos != sampledAt;
        if (sampled && fresh) {
            charge(nanos - sampledAt, longestGap);
        }
        sampled = true;
        sampledAt = nanos;
        listed = attribution.processListUp();
        attribution.workloads().forEach(usage -> see(usage, nanos));
        List<WorkloadUsage> admitted = new ArrayList<>();
        List<WorkloadUsage> others = new ArrayList<>();
        for (WorkloadUsage usage : attribution.workloads()) {
            (open(usage, nanos, unnamed, room) ? admitted : others).add(usage);
        }
        WorkloadUsage.other(others).ifPresent(other -> {
            entries.computeIfAbsent(Key.of(other), key -> new Entry(other, nanos));
            admitted.add(other);
        });
        hold(admitted, nanos, fresh);
        return others.isEmpty() ? attribution : attribution.with(admitted);
    }

    /** Before any account is opened: whoever is still there must not make room for another. */
    private void see(WorkloadUsage usage, long nanos) {
        Entry entry = entries.get(Key.of(usage));
        if (entry != null) {
            entry.seenNanos = nanos;
        }
    }

    private void charge(long elapsed, long longestGap) {
        double seconds = elapsed / 1e9;
        if (elapsed > longestGap || !listed) {
            unobservedSeconds += seconds;
            return;
        }
        held.forEach((key, bytes) -> {
            Entry entry = entries.get(key);
            if (entry != null) {
                entry.byteSeconds = Objects.requireNonNullElse(entry.byteSeconds, 0.0) + bytes * seconds;
            }
        });
    }

    /** Opens an account for the workload if it has none, or goes on with the one it had before its name was known. */
    private boolean open(WorkloadUsage usage, long nanos, Predicate<WorkloadUsage> unnamed, BooleanSupplier room) {
        Key key = Key.of(usage);
        Identity identity = new Identity(usage.mig(), usage.workload());
        boolean waits = unnamed.test(usage);
        Key before = hidden.get(identity);
        if (before != null && !before.equals(key)) {
            Entry moved = entries.remove(before);
            if (moved != null) {
                entries.putIfAbsent(key, moved);
            }
        }
        if (!entries.containsKey(key)) {
            if (!room.getAsBoolean()) {
                return false;
            }
            entries.put(key, new Entry(usage, nanos));
            if (waits) {
                hidden.put(identity, key);
            }
        }
        if (!waits) {
            hidden.remove(identity);
        } else if (before != null) {
            hidden.put(identity, key);
        }
        return true;
    }

    private void hold(List<WorkloadUsage> usages, long nanos, boolean fresh) {
        Map<Key, Long> now = new LinkedHashMap<>();
        for (WorkloadUsage usage : usages) {
            Entry entry = Objects.requireNonNull(entries.get(Key.of(usage)));
            entry.usage = usage;
            entry.seenNanos = nanos;
            if (usage.memoryBytes().isPresent()) {
                long bytes = usage.memoryBytes().getAsLong();
                now.merge(Key.of(usage), bytes, Long::sum);
                entry.byteSeconds = Objects.requireNonNullElse(entry.byteSeconds, 0.0);
                if (fresh) {
                    entry.peak.add(nanos, bytes);
                }
            }
        }
        held = now;
    }

    /** Counts errors for those who were there at the last sample; returns them. */
    List<WorkloadUsage> count(String mig, String xid, long errors) {
        List<Entry> there = entries.values().stream()
                .filter(entry -> !isGone(entry) && concerns(mig, entry.usage.mig()))
                .toList();
        there.forEach(entry -> entry.xids.merge(xid, errors, Long::sum));
        return there.stream()
                .map(entry -> entry.usage)
                .sorted(Attribution.ORDER)
                .toList();
    }

    /** Whoever is on no instance may be on all, and an error of no instance is one of all. */
    private static boolean concerns(String instance, String of) {
        return instance.isEmpty() || of.isEmpty() || of.equals(instance) || of.startsWith(instance + ":");
    }

    /** Shows what has waited long enough for a name, and forgets whoever has been gone for longer than {@code keep}. */
    void settle(long nanos, long patience, long keep) {
        hidden.values().removeIf(key -> {
            Entry entry = entries.get(key);
            return entry == null || nanos - entry.firstNanos >= patience;
        });
        entries.values().removeIf(entry -> isGone(entry) && nanos - entry.seenNanos > keep);
    }

    /** Whether the last sample did not have it. While a GPU cannot be sampled nobody is known to have gone. */
    private boolean isGone(Entry entry) {
        return entry.seenNanos != sampledAt;
    }

    /** The accounts that are shown, in the order of their labels. */
    List<Account> shown(long nanos, long peakLength) {
        Set<Key> waiting = Set.copyOf(hidden.values());
        return entries.entrySet().stream()
                .filter(entry -> !waiting.contains(entry.getKey()))
                .map(Map.Entry::getValue)
                .map(entry ->
                        new Account(entry.usage, entry.byteSeconds, entry.peak.largest(nanos, peakLength), entry.xids))
                .sorted(Comparator.comparing(Account::usage, Attribution.ORDER))
                .toList();
    }

    double unobservedSeconds() {
        return unobservedSeconds;
    }

    /** How many workloads have an account of their own. */
    int size() {
        return entries.containsKey(OTHER) ? entries.size() - 1 : entries.size();
    }

    /** When the one was last seen that has been gone for longest; empty if nobody is gone. */
    Optional<Long> oldestGone() {
        return gone().map(entry -> entry.getValue().seenNanos);
    }

    /** Forgets the one that has been gone for longest. */
    void evict() {
        gone().ifPresent(entry -> entries.remove(entry.getKey()));
    }

    private Optional<Map.Entry<Key, Entry>> gone() {
        return entries.entrySet().stream()
                .filter(entry -> isGone(entry.getValue()) && !entry.getKey().equals(OTHER))
                .min(Comparator.comparingLong(entry -> entry.getValue().seenNanos));
    }
}
