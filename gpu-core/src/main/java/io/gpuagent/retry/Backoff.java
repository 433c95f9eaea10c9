package io.gpuagent.retry;

import java.time.Duration;

/** Exponential back-off: delays that double with each consecutive failure, from {@code first} up to {@code longest}. */
public record Backoff(Duration first, Duration longest) {

    /** The back-off for container runtimes: 1 s to 30 s. */
    public static final Backoff DEFAULT = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

    /**
     * Returns the delay after a failure.
     *
     * @param failures the number of consecutive failures before this one
     */
    public Duration after(int failures) {
        Duration delay = first.multipliedBy(1L << Math.min(failures, 20));
        return delay.compareTo(longest) < 0 ? delay : longest;
    }
}
