package io.gpuagent.usage;

import java.time.Duration;

/** The delay after consecutive failures: 1 s, doubled with each failure, at most 10 s. */
record RetryDelay(int failures, long untilNanos) {

    private static final long FIRST_DELAY = Duration.ofSeconds(1).toNanos();
    private static final long MAX_DELAY = Duration.ofSeconds(10).toNanos();

    static RetryDelay none(long nanos) {
        return new RetryDelay(0, nanos);
    }

    RetryDelay afterFailure(long nanos) {
        long delay = Math.min(MAX_DELAY, FIRST_DELAY << Math.min(failures, 4));
        return new RetryDelay(failures + 1, nanos + delay);
    }

    boolean isOver(long nanos) {
        return nanos - untilNanos >= 0;
    }
}
