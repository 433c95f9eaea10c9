package io.gpuagent.usage;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The account of a workload on one GPU, as long as it may still change. */
final class OpenAccount {

    final long firstNanos;
    private final PeakWindow peak = new PeakWindow();
    private WorkloadUsage usage;
    private long seenNanos;
    private boolean ended;
    private boolean closed;
    private long heldBytes;
    private @Nullable Double byteSeconds;
    private @Nullable Double smSeconds;
    private @Nullable Double joules;
    private double shownJoules;
    private final Map<String, Long> xids = new TreeMap<>();

    OpenAccount(WorkloadUsage usage, long nanos) {
        this.usage = usage;
        this.firstNanos = nanos;
        this.seenNanos = nanos;
    }

    WorkloadUsage usage() {
        return usage;
    }

    void rename(WorkloadUsage named) {
        usage = named;
    }

    void seen(long nanos) {
        seenNanos = nanos;
        ended = false;
    }

    long seenNanos() {
        return seenNanos;
    }

    /** Records the workload's newest sample. A counter starts at 0 once the driver reports its value. */
    void follow(WorkloadUsage current, long nanos, boolean energyReported) {
        usage = current;
        seen(nanos);
        Long bytes = current.memoryBytes();
        if (bytes != null) {
            heldBytes = bytes;
            byteSeconds = plus(byteSeconds, 0);
            sampled(bytes);
        }
        if (current.smRatio() != null) {
            smSeconds = plus(smSeconds, 0);
            if (energyReported) {
                joules = plus(joules, 0);
            }
        }
    }

    void sampled(long bytes) {
        peak.add(seenNanos, bytes);
    }

    /** Charges the memory that the workload has held since the last sample. */
    void chargeHeld(double seconds) {
        if (heldBytes > 0) {
            byteSeconds = plus(byteSeconds, heldBytes * seconds);
        }
    }

    /**
     * Prepares the account for a new sample.
     *
     * @param listed whether the sample has a process list. If so, the workload has ended unless the list contains it
     */
    void beginSample(boolean listed) {
        heldBytes = 0;
        ended = ended || listed;
    }

    /** Whether the workload was missing in the last process list, or was in it with other labels. */
    boolean isEnded() {
        return ended;
    }

    void chargeSmSeconds(double seconds) {
        smSeconds = plus(smSeconds, seconds);
    }

    void chargeJoules(double energy) {
        joules = plus(joules, energy);
    }

    void countXids(String xid, long count) {
        xids.merge(xid, count, Long::sum);
    }

    /** Merges another account into this one, because both now have the same labels. */
    OpenAccount absorb(OpenAccount other) {
        peak.addAll(other.peak);
        seenNanos += Math.max(0, other.seenNanos - seenNanos);
        byteSeconds = sum(byteSeconds, other.byteSeconds);
        smSeconds = sum(smSeconds, other.smSeconds);
        joules = sum(joules, other.joules);
        ended = ended && other.ended;
        other.xids.forEach(this::countXids);
        other.closed = true;
        return this;
    }

    /** Closes the account. Returns its joules that never appeared in a snapshot. */
    double close() {
        closed = true;
        return Objects.requireNonNullElse(joules, 0.0) - shownJoules;
    }

    boolean isClosed() {
        return closed;
    }

    Account show(long nanos, long peakLength) {
        shownJoules = Objects.requireNonNullElse(joules, 0.0);
        return new Account(usage, byteSeconds, peak.largest(nanos, peakLength), smSeconds, joules, xids);
    }

    private static double plus(@Nullable Double sum, double addend) {
        return Objects.requireNonNullElse(sum, 0.0) + addend;
    }

    private static @Nullable Double sum(@Nullable Double one, @Nullable Double other) {
        return other == null ? one : Double.valueOf(plus(one, other));
    }
}
