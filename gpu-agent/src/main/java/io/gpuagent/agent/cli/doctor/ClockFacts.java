package io.gpuagent.agent.cli.doctor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * The host's clock.
 *
 * @param built when this agent was built
 * @param synchronised whether systemd says that its clock was set by the network; others leave no file that tells
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
                    text + " cannot be: this agent was built at " + built,
                    "set the clock: timedatectl set-ntp true, or chronyd"));
        }
        return List.of(Finding.ok("clock", text + (synchronised ? ", synchronised" : "")));
    }
}
