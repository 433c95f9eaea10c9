package io.gpuagent.agent.containers;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.containers.CachingDirectory.Tuning;
import io.gpuagent.retry.Backoff;
import io.gpuagent.testing.Eventually;
import io.gpuagent.workload.Workload;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LookupRaceTest {

    private static final Duration RECHECK = Duration.ofMillis(500);
    private static final int IDS = 20;

    /** Bursts of change events for a few containers, so that many of them arrive just when a lookup begins. */
    @Test
    void aLookupOvertakenByEventsIsNotScheduledTwiceFromThenOn() {
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
                source.lookups.clear();
            }
            Eventually.pause(RECHECK);
            source.lookups.clear();
            Eventually.pause(RECHECK.multipliedBy(4));
            assertTrue(source.lookups.size() <= IDS * 5, () -> source.lookups.size() + " lookups");
        }
    }

    @Test
    void anIdForgottenAndLookedUpAgainIsNotRefreshedTwiceAsOften() {
        FakeSource source = new FakeSource("docker");
        source.names.put("a", "web");
        Duration never = Duration.ofMinutes(5);
        Tuning tuning = new Tuning(new Backoff(never, never), Duration.ofMillis(100), never, 1);
        try (CachingDirectory directory = new CachingDirectory(List.of(source), List.of(), tuning)) {
            for (int i = 0; i < 20; i++) {
                directory.find(new Workload.Container(null, "b" + i, null, null));
                source.lookups.clear();
                directory.find(new Workload.Container(null, "a", null, null));
                Eventually.within(Duration.ofSeconds(2), "looked up", () -> source.lookups.contains("a"));
            }
            source.lookups.clear();
            Eventually.pause(Duration.ofMillis(550));
            assertTrue(source.lookups.size() >= 2 && source.lookups.size() <= 6, source.lookups::toString);
        }
    }
}
