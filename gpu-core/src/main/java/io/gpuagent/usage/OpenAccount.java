package io.gpuagent.usage;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The account of a workload on one GPU while it is kept. */
final class OpenAccount {

    final long firstNanos;
    private final PeakWindow peak = new PeakWindow();
    private WorkloadUsage usage;
    private long seenNanos;
    private boolean gone;
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

    void name(WorkloadUsage named) {
        usage = named;
    }

    void seen(long nanos) {
        seenNanos = nanos;
        gone = false;
    }

    long seenNanos() {
        return seenNanos;
    }

    /** Follows the workload; a figure that can be told from now on begins at 0. */
    void follow(WorkloadUsage now, long nanos, boolean energyTold) {
        usage = now;
        seen(nanos);
        now.memoryBytes().ifPresent(bytes -> {
            heldBytes = bytes;
            byteSeconds = plus(byteSeconds, 0);
            sampled(bytes);
        });
        if (now.smRatio().isPresent()) {
            smSeconds = plus(smSeconds, 0);
            if (energyTold) {
                joules = plus(joules, 0);
            }
        }
    }

    void sampled(long bytes) {
        peak.add(seenNanos, bytes);
    }

    /** Charges what has been held since the last sample. */
    void chargeHeld(double seconds) {
        if (heldBytes > 0) {
            byteSeconds = plus(byteSeconds, heldBytes * seconds);
        }
    }

    /** @param listed whether whoever is not seen again now has gone */
    void letGo(boolean listed) {
        heldBytes = 0;
        gone = gone || listed;
    }

    /** Whether the last list did not have it, or had it under other labels. */
    boolean isGone() {
        return gone;
    }

    void chargeSmSeconds(double more) {
        smSeconds = plus(smSeconds, more);
    }

    void chargeJoules(double more) {
        joules = plus(joules, more);
    }

    void countXids(String xid, long more) {
        xids.merge(xid, more, Long::sum);
    }

    /** Takes over what another account holds: two that came to be known by the same labels. */
    OpenAccount absorb(OpenAccount other) {
        peak.addAll(other.peak);
        seenNanos += Math.max(0, other.seenNanos - seenNanos);
        byteSeconds = sum(byteSeconds, other.byteSeconds);
        smSeconds = sum(smSeconds, other.smSeconds);
        joules = sum(joules, other.joules);
        gone = gone && other.gone;
        other.xids.forEach(this::countXids);
        other.closed = true;
        return this;
    }

    /** Closes the account. Returns those of its joules that nobody has seen. */
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

    private static double plus(@Nullable Double before, double more) {
        return Objects.requireNonNullElse(before, 0.0) + more;
    }

    private static @Nullable Double sum(@Nullable Double one, @Nullable Double other) {
        return other == null ? one : Double.valueOf(plus(one, other));
    }
}
