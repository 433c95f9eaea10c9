package io.gpuagent.usage;

import java.time.Duration;

/**
 * The sample interval. It starts at the requested value and doubles after a sample that took more than a fifth of it.
 * It halves again after ten consecutive samples that took less than a twentieth of it.
 */
record Pace(Duration requested, Duration interval, int quickSamples) {

    private static final Duration MAX_INTERVAL = Duration.ofMinutes(1);
    private static final int QUICK_SAMPLES_TO_HALVE = 10;

    static Pace of(Duration requested) {
        return new Pace(requested, requested, 0);
    }

    /** Returns the pace after a sample that took this long. */
    Pace after(Duration work) {
        if (work.multipliedBy(5).compareTo(interval) > 0) {
            Duration doubled = interval.multipliedBy(2);
            return new Pace(requested, doubled.compareTo(MAX_INTERVAL) > 0 ? interval : doubled, 0);
        }
        if (interval.equals(requested) || work.multipliedBy(20).compareTo(interval) > 0) {
            return new Pace(requested, interval, 0);
        }
        return quickSamples + 1 < QUICK_SAMPLES_TO_HALVE
                ? new Pace(requested, interval, quickSamples + 1)
                : new Pace(requested, interval.dividedBy(2), 0);
    }
}
