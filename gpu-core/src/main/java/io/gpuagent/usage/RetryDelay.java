package io.gpuagent.usage;

import java.time.Duration;

/** How long to wait after how many failures in a row: 1 s, doubled each time, at most 10 s. */
record RetryDelay(int failures, long untilNanos) {

    private static final long FIRST = Duration.ofSeconds(1).toNanos();
    private static final long LONGEST = Duration.ofSeconds(10).toNanos();

    static RetryDelay none(long nanos) {
        return new RetryDelay(0, nanos);
    }

    RetryDelay afterFailure(long nanos) {
        long wait = Math.min(LONGEST, FIRST << Math.min(failures, 4));
        return new RetryDelay(failures + 1, nanos + wait);
    }

    boolean over(long nanos) {
        return nanos - untilNanos >= 0;
    }
}
