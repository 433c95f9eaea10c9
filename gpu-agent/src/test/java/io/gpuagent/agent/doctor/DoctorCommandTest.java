package io.gpuagent.agent.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Checks that hang, fail and wait for each other. */
@Timeout(30)
class DoctorCommandTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void aHungCheckIsAbandonedAndReportedInItsPlace() {
        CountDownLatch never = new CountDownLatch(1);
        long start = System.nanoTime();
        int status = run(
                Duration.ofMillis(1500),
                check("one", () -> "1"),
                Check.of(
                        "hung",
                        () -> {
                            uninterruptibly(never);
                            return "";
                        },
                        text -> List.of(Finding.ok("hung", text))),
                check("three", () -> "3"));
        assertTrue(System.nanoTime() - start < 5_000_000_000L);
        assertEquals(DoctorCommand.WORKS, status);
        List<String> lines = text().lines().toList();
        assertEquals("ok       one    1", lines.get(0));
        assertEquals("limited  hung   timed out", lines.get(1));
        assertEquals("ok       three  3", lines.get(3));
        never.countDown();
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

    @Test
    void findingsMadeBeforeAHangAreReported() {
        CountDownLatch never = new CountDownLatch(1);
        Check check = new Check() {
            private final List<Finding> seen = new ArrayList<>();

            @Override
            public String name() {
                return "half";
            }

            @Override
            public void run() throws InterruptedException {
                seen.add(Finding.broken("half", "seen", "fix it"));
                never.await();
            }

            @Override
            public List<Finding> findings() {
                return seen;
            }
        };
        assertEquals(DoctorCommand.BROKEN, run(Duration.ofMillis(500), check));
        assertTrue(text().startsWith("broken   half  seen\n               fix: fix it\n\n"), text());
    }

    @Test
    void checksRunInParallel() {
        CountDownLatch both = new CountDownLatch(2);
        List<Check> checks = new ArrayList<>();
        for (String name : List.of("one", "two")) {
            checks.add(check(name, () -> {
                both.countDown();
                both.await();
                return "met";
            }));
        }
        run(Duration.ofSeconds(20), checks.toArray(Check[]::new));
        assertFalse(text().contains("timed out"), text());
    }

    @Test
    void aBugInACheckIsReportedAndHidesNothingElse() {
        int status = run(
                Duration.ofSeconds(20),
                check("bad", () -> {
                    throw new IllegalStateException("oops");
                }),
                check("good", () -> "well"));
        assertEquals(DoctorCommand.WORKS, status);
        assertTrue(text().startsWith("limited  bad   check failed: java.lang.IllegalStateException: oops\n"), text());
        assertTrue(text().contains("ok       good  well\n"), text());
    }

    private static Check check(String name, Callable<String> read) {
        return Check.of(name, read, text -> List.of(Finding.ok(name, text)));
    }

    private int run(Duration limit, Check... checks) {
        PrintStream stream = new PrintStream(out, false, StandardCharsets.UTF_8);
        return new DoctorCommand(false, stream, limit).run(List.of(checks));
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
