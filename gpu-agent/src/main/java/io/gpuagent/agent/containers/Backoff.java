package io.gpuagent.agent.containers;

import java.time.Duration;

/** Exponential back-off: delays that double from {@code first} up to {@code longest}. */
record Backoff(Duration first, Duration longest) {

    static final Backoff DEFAULT = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

    /** @param failures the number of consecutive failures before this one */
    Duration after(int failures) {
        Duration delay = first.multipliedBy(1L << Math.min(failures, 20));
        return delay.compareTo(longest) < 0 ? delay : longest;
    }
}
