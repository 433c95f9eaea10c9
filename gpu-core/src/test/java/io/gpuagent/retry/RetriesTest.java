package io.gpuagent.retry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RetriesTest {

    private final Retries retries = new Retries(new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(10)));

    @Test
    void delaysDoubleUpToTheLongest() {
        assertEquals(
                List.of(1L, 2L, 4L, 8L, 10L, 10L),
                Stream.generate(() -> retries.failed(0))
                        .limit(6)
                        .map(Duration::toSeconds)
                        .toList());
    }

    @Test
    void aFailedCallIsDueAfterItsDelayAlsoWhenTheClockOverflows() {
        long now = Long.MAX_VALUE - 5;
        retries.failed(now);
        assertFalse(retries.isDue(now + 999_999_999));
        assertEquals(1, retries.nanosUntilDue(now + 999_999_999));
        assertTrue(retries.isDue(now + 1_000_000_000));
    }

    @Test
    void aCallIsDueBeforeTheFirstFailureAndAfterASuccess() {
        assertTrue(retries.isDue(Long.MIN_VALUE));
        retries.failed(0);
        retries.failed(0);
        retries.succeeded();
        assertTrue(retries.isDue(0));
        assertEquals(Duration.ofSeconds(1), retries.failed(0));
    }

    @Test
    void manyFailuresDoNotOverflow() {
        assertEquals(
                Duration.ofSeconds(10), new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(10)).after(1_000_000));
    }
}
