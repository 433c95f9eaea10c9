package io.gpuagent.agent;

import io.gpuagent.agent.cli.doctor.Check;
import io.gpuagent.agent.cli.doctor.DoctorCommand;
import io.gpuagent.agent.cli.doctor.Finding;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/**
 * The doctor's report of a running agent, as JSON. It is made anew in the background when somebody asks and it is old, so that
 * nobody waits for it and nothing is looked at for nobody.
 */
final class CachedDoctorReport implements Supplier<String> {

    private final Supplier<List<Check>> checks;
    private final Duration limit;
    private final Duration every;
    private Instant begun = Instant.EPOCH;
    private String newest = "{\"time\":null,\"report\":null}";

    /** Looks that have not ended, by the name of their check: a look that hangs for ever is the last of its kind. */
    private final Set<String> looking = ConcurrentHashMap.newKeySet();

    /**
     * @param limit after which a check is said not to answer
     * @param every after which a report is old; longer
     */
    CachedDoctorReport(Supplier<List<Check>> checks, Duration limit, Duration every) {
        this.checks = checks;
        this.limit = limit;
        this.every = every;
    }

    @Override
    public synchronized String get() {
        Instant now = Instant.now();
        if (Duration.between(begun, now).abs().compareTo(every) >= 0) {
            begun = now;
            Thread thread = new Thread(() -> visit(now), "doctor-visit");
            thread.setDaemon(true);
            thread.start();
        }
        return newest;
    }

    private void visit(Instant now) {
        ByteArrayOutputStream report = new ByteArrayOutputStream();
        List<Check> once = checks.get().stream().<Check>map(Once::new).toList();
        new DoctorCommand(true, new PrintStream(report, true, StandardCharsets.UTF_8), limit).run(once);
        String json = report.toString(StandardCharsets.UTF_8).strip();
        synchronized (this) {
            newest = "{\"time\":\"" + now + "\",\"report\":" + json + "}";
        }
    }

    private final class Once implements Check {

        private final Check check;

        Once(Check check) {
            this.check = check;
        }

        @Override
        public String name() {
            return check.name();
        }

        @Override
        public void look() throws Exception {
            if (!looking.add(name())) {
                new CountDownLatch(1).await(); // until the deadline interrupts it
            }
            try {
                check.look();
            } finally {
                looking.remove(name());
            }
        }

        @Override
        public List<Finding> findings() {
            return check.findings();
        }
    }
}
