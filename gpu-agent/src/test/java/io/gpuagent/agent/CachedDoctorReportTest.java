package io.gpuagent.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.cli.doctor.Check;
import io.gpuagent.agent.cli.doctor.Finding;
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

    private final AtomicInteger looks = new AtomicInteger();

    @Test
    void nobodyWaitsForTheFirstVisitAndTheNextIsNotBeforeItsTime() {
        CachedDoctorReport visits =
                new CachedDoctorReport(() -> List.of(check(new CountDownLatch(0))), SOON, Duration.ofMinutes(1));
        assertEquals(0, looks.get());
        assertEquals("{\"time\":null,\"report\":null}", visits.get());
        String report = Eventually.gives(SOON, "a report", visits::get, text -> text.contains("well"));
        assertTrue(report.contains("\"report\":{\"verdict\":\"ok\",\"findings\":[{\"check\":\"one\""), report);
        assertFalse(report.contains("\n"));
        for (int i = 0; i < 100; i++) {
            assertEquals(report, visits.get());
        }
        assertEquals(1, looks.get());
    }

    @Test
    void whoeverAsksLaterGetsANewOne() {
        CachedDoctorReport visits = new CachedDoctorReport(() -> List.of(check(new CountDownLatch(0))), SOON, QUICK);
        Eventually.within(SOON, "looks again", () -> !visits.get().isEmpty() && looks.get() >= 3);
    }

    @Test
    void aLookThatHangsForEverIsTheLastOfItsKind() {
        CountDownLatch never = new CountDownLatch(1);
        CachedDoctorReport visits = new CachedDoctorReport(() -> List.of(check(never)), LIMIT, QUICK);
        String first = Eventually.gives(SOON, "the first", visits::get, text -> text.contains("no answer in time"));
        Eventually.within(SOON, "another", () -> !visits.get().equals(first));
        Eventually.within(SOON, "one more", () -> visits.get().contains("no answer in time"));
        assertEquals(1, looks.get());
        never.countDown();
        Eventually.within(SOON, "well again", () -> visits.get().contains("well"));
    }

    private Check check(CountDownLatch end) {
        return Check.of(
                "one",
                () -> {
                    looks.incrementAndGet();
                    uninterruptibly(end);
                    return "well";
                },
                text -> List.of(Finding.ok("one", text)));
    }

    /** As a call into a driver is. */
    private static void uninterruptibly(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException e) {
                // hangs on
            }
        }
    }
}
