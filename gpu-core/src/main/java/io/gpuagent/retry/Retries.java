package io.gpuagent.retry;

import java.time.Duration;

/** Counts the consecutive failures of one call and determines when the next attempt is due. Not thread-safe. */
public final class Retries {

    private final Backoff backoff;
    private int failures;
    private long dueNanos;

    public Retries(Backoff backoff) {
        this.backoff = backoff;
    }

    /**
     * Records a failure.
     *
     * @param nanos the current time on any monotonic clock
     * @return the delay until the next attempt
     */
    public Duration failed(long nanos) {
        Duration delay = backoff.after(failures++);
        dueNanos = nanos + delay.toNanos();
        return delay;
    }

    /** Records a success. The next attempt is due immediately. */
    public void succeeded() {
        failures = 0;
    }

    /** The time until the next attempt; zero or negative if it is due. */
    public long nanosUntilDue(long nanos) {
        return failures == 0 ? 0 : dueNanos - nanos;
    }

    public boolean isDue(long nanos) {
        return nanosUntilDue(nanos) <= 0;
    }
}
