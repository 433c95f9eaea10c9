package io.gpuagent.usage;

import java.time.Duration;

/**
 * The time between two samples: what was asked for, doubled while sampling takes more than a fifth of it, and back again once it has taken
 * less than a twentieth ten times in a row.
 */
record Pace(Duration asked, Duration interval, int quickSamples) {

    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final int QUICK_SAMPLES_TO_HALVE = 10;

    static Pace of(Duration asked) {
        return new Pace(asked, asked, 0);
    }

    /** The pace after a sample that took so long. */
    Pace after(Duration work) {
        if (work.multipliedBy(5).compareTo(interval) > 0) {
            Duration doubled = interval.multipliedBy(2);
            return new Pace(asked, doubled.compareTo(LONGEST) > 0 ? interval : doubled, 0);
        }
        if (interval.equals(asked) || work.multipliedBy(20).compareTo(interval) > 0) {
            return new Pace(asked, interval, 0);
        }
        return quickSamples + 1 < QUICK_SAMPLES_TO_HALVE
                ? new Pace(asked, interval, quickSamples + 1)
                : new Pace(asked, interval.dividedBy(2), 0);
    }
}
