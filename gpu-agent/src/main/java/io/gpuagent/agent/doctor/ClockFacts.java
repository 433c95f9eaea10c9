package io.gpuagent.agent.doctor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * The host's clock.
 *
 * @param built the build time of this agent
 * @param synchronised whether systemd-timesyncd reports that it set the clock from the network; other services leave no such file
 */
record ClockFacts(Instant now, Instant built, boolean synchronised) {

    private static final Duration TOO_LONG = Duration.ofDays(20 * 365);

    static ClockFacts read(Instant built) {
        return new ClockFacts(Instant.now(), built, Files.exists(Path.of("/run/systemd/timesync/synchronized")));
    }

    List<Finding> judge() {
        String text = now.truncatedTo(ChronoUnit.SECONDS).toString();
        if (now.isBefore(built) || now.isAfter(built.plus(TOO_LONG))) {
            return List.of(Finding.limited(
                    "clock",
                    text + " is implausible: this agent was built at " + built,
                    "set the clock: timedatectl set-ntp true, or run chronyd"));
        }
        return List.of(Finding.ok("clock", text + (synchronised ? ", synchronised" : "")));
    }
}
