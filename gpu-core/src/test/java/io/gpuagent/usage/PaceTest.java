package io.gpuagent.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PaceTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void samplingThatTakesAFifthKeepsItsPace() {
        assertEquals(SECOND, Pace.of(SECOND).after(Duration.ofMillis(200)).interval());
    }

    @Test
    void samplingThatTakesMoreThanAFifthDoublesTheInterval() {
        assertEquals(
                Duration.ofSeconds(2),
                Pace.of(SECOND).after(Duration.ofMillis(201)).interval());
    }

    @Test
    void intervalGrowsToAMinuteAtMost() {
        Pace pace = Pace.of(SECOND);
        for (int i = 0; i < 100; i++) {
            pace = pace.after(Duration.ofHours(1));
        }
        assertEquals(Duration.ofSeconds(32), pace.interval());
    }

    @Test
    void tenQuickSamplesInARowHalveADoubledInterval() {
        Pace pace = Pace.of(SECOND).after(Duration.ofMillis(300));
        for (int i = 0; i < 9; i++) {
            pace = pace.after(Duration.ofMillis(10));
        }
        assertEquals(Duration.ofSeconds(2), pace.interval());
        assertEquals(SECOND, pace.after(Duration.ofMillis(10)).interval());
        assertEquals(
                Duration.ofSeconds(2),
                pace.after(Duration.ofMillis(150)).after(Duration.ofMillis(10)).interval());
    }

    @Test
    void intervalNeverFallsBelowWhatWasAskedFor() {
        Pace pace = Pace.of(SECOND);
        for (int i = 0; i < 100; i++) {
            pace = pace.after(Duration.ZERO);
        }
        assertEquals(SECOND, pace.interval());
    }

    @Test
    void failuresInARowWaitLongerUpToTenSeconds() {
        RetryDelay backOff = RetryDelay.none(0);
        long[] waits = new long[6];
        for (int i = 0; i < waits.length; i++) {
            backOff = backOff.afterFailure(0);
            waits[i] = Duration.ofNanos(backOff.untilNanos()).toSeconds();
        }
        assertEquals("[1, 2, 4, 8, 10, 10]", java.util.Arrays.toString(waits));
    }
}
