package io.gpuagent.agent.containers;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.containers.CachingDirectory.Tuning;
import io.gpuagent.testing.Eventually;
import io.gpuagent.workload.Workload;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LookupRaceTest {

    private static final Duration RECHECK = Duration.ofMillis(500);
    private static final int IDS = 20;

    /** Bursts of news about few containers, so that many come just when a lookup begins. */
    @Test
    void lookupThatNewsOvertakeIsNotDoneTwiceFromThenOn() {
        FakeSource source = new FakeSource("docker");
        Tuning tuning = new Tuning(Backoff.DEFAULT, RECHECK, Duration.ofMinutes(5), IDS);
        try (CachingDirectory directory = new CachingDirectory(List.of(source), List.of(), tuning)) {
            for (int i = 0; i < IDS; i++) {
                source.names.put("c" + i, "web");
                directory.find(new Workload.Container(null, "c" + i, null, null));
            }
            for (int burst = 0; burst < 200; burst++) {
                IntStream.range(0, 1_000).parallel().forEach(i -> source.changes.changed("c" + i % IDS));
                Eventually.pause(Duration.ofMillis(1));
                source.asked.clear();
            }
            Eventually.pause(RECHECK);
            source.asked.clear();
            Eventually.pause(RECHECK.multipliedBy(4));
            assertTrue(source.asked.size() <= IDS * 5, () -> source.asked.size() + " lookups");
        }
    }

    @Test
    void idForgottenAndSoughtAnewIsNotAskedForTwiceAsOften() {
        FakeSource source = new FakeSource("docker");
        source.names.put("a", "web");
        Duration never = Duration.ofMinutes(5);
        Tuning tuning = new Tuning(new Backoff(never, never), Duration.ofMillis(100), never, 1);
        try (CachingDirectory directory = new CachingDirectory(List.of(source), List.of(), tuning)) {
            for (int i = 0; i < 20; i++) {
                directory.find(new Workload.Container(null, "b" + i, null, null));
                source.asked.clear();
                directory.find(new Workload.Container(null, "a", null, null));
                Eventually.within(Duration.ofSeconds(2), "asked", () -> source.asked.contains("a"));
            }
            source.asked.clear();
            Eventually.pause(Duration.ofMillis(550));
            assertTrue(source.asked.size() >= 2 && source.asked.size() <= 6, source.asked::toString);
        }
    }
}
