package io.gpuagent.agent.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.Eventually;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CachedDoctorReportTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration LIMIT = Duration.ofMillis(200);
    private static final Duration QUICK = Duration.ofMillis(300);

    private final AtomicInteger runs = new AtomicInteger();

    @Test
    void theFirstReportIsMadeInTheBackgroundAndKeptForAWhile() {
        CachedDoctorReport cached =
                new CachedDoctorReport(() -> List.of(check(new CountDownLatch(0))), SOON, Duration.ofMinutes(1));
        assertEquals(0, runs.get());
        assertEquals("{\"time\":null,\"report\":null}", cached.get());
        String report = Eventually.get(SOON, "a report", cached::get, text -> text.contains("well"));
        assertTrue(report.contains("\"report\":{\"verdict\":\"ok\",\"findings\":[{\"check\":\"one\""), report);
        assertFalse(report.contains("\n"));
        for (int i = 0; i < 100; i++) {
            assertEquals(report, cached.get());
        }
        assertEquals(1, runs.get());
    }

    @Test
    void aLaterRequestGetsAFreshReport() {
        CachedDoctorReport cached = new CachedDoctorReport(() -> List.of(check(new CountDownLatch(0))), SOON, QUICK);
        Eventually.within(SOON, "a third report", () -> !cached.get().isEmpty() && runs.get() >= 3);
    }

    @Test
    void aCheckThatHangsIsNotStartedAgain() {
        CountDownLatch never = new CountDownLatch(1);
        CachedDoctorReport cached = new CachedDoctorReport(() -> List.of(check(never)), LIMIT, QUICK);
        String first = Eventually.get(SOON, "the first report", cached::get, text -> text.contains("timed out"));
        Eventually.within(SOON, "a second report", () -> !cached.get().equals(first));
        Eventually.within(SOON, "the hang is reported again", () -> cached.get().contains("timed out"));
        assertEquals(1, runs.get());
        never.countDown();
        Eventually.within(SOON, "recovered", () -> cached.get().contains("well"));
    }

    private Check check(CountDownLatch end) {
        return Check.of(
                "one",
                () -> {
                    runs.incrementAndGet();
                    uninterruptibly(end);
                    return "well";
                },
                text -> List.of(Finding.ok("one", text)));
    }

    /** Waits without responding to interrupts, like a hung driver call. */
    private static void uninterruptibly(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException e) {
                // Keep waiting.
            }
        }
    }
}
