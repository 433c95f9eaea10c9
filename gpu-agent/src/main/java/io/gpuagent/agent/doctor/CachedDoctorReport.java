package io.gpuagent.agent.doctor;

import io.gpuagent.platform.DaemonThreads;
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
 * The doctor's report of a running agent, as JSON. A request for a report older than its maximum age starts a refresh in the
 * background and returns the previous report, so that requests never wait and checks only run on demand.
 */
public final class CachedDoctorReport implements Supplier<String> {

    private final Supplier<List<Check>> checks;
    private final Duration limit;
    private final Duration maxAge;
    private Instant started = Instant.EPOCH;
    private String newest = "{\"time\":null,\"report\":null}";

    /** The names of the checks that are running. A check whose previous run hangs is not started again. */
    private final Set<String> running = ConcurrentHashMap.newKeySet();

    /**
     * @param limit the time after which a check is reported as not answering
     * @param maxAge the age after which a report is refreshed; longer than the limit
     */
    public CachedDoctorReport(Supplier<List<Check>> checks, Duration limit, Duration maxAge) {
        this.checks = checks;
        this.limit = limit;
        this.maxAge = maxAge;
    }

    @Override
    public synchronized String get() {
        Instant now = Instant.now();
        if (Duration.between(started, now).abs().compareTo(maxAge) >= 0) {
            started = now;
            DaemonThreads.of("doctor-refresh", () -> refresh(now)).start();
        }
        return newest;
    }

    private void refresh(Instant now) {
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
        public void run() throws Exception {
            if (!running.add(name())) {
                new CountDownLatch(1).await(); // Block until the deadline interrupts this thread.
            }
            try {
                check.run();
            } finally {
                running.remove(name());
            }
        }

        @Override
        public List<Finding> findings() {
            return check.findings();
        }
    }
}
