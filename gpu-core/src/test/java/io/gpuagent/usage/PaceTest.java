package io.gpuagent.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PaceTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void samplingThatTakesAFifthKeepsTheInterval() {
        assertEquals(SECOND, Pace.of(SECOND).after(Duration.ofMillis(200)).interval());
    }

    @Test
    void samplingThatTakesMoreThanAFifthDoublesTheInterval() {
        assertEquals(
                Duration.ofSeconds(2),
                Pace.of(SECOND).after(Duration.ofMillis(201)).interval());
    }

    @Test
    void intervalGrowsToAtMostOneMinute() {
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
    void intervalNeverFallsBelowTheRequestedOne() {
        Pace pace = Pace.of(SECOND);
        for (int i = 0; i < 100; i++) {
            pace = pace.after(Duration.ZERO);
        }
        assertEquals(SECOND, pace.interval());
    }
}
