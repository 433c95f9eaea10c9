package io.gpuagent.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gpuagent.workload.Resolution.Reason;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StateLogTest {

    private final RecordingLogger logger = new RecordingLogger();
    private final StateLog log = new StateLog(logger);

    @Test
    void reasonForUnresolvedProcessesIsLoggedOnce() {
        log.report(snapshot(Map.of(Reason.EXITED, 3, Reason.NO_HOST_PID, 0)));
        log.report(snapshot(Map.of(Reason.NO_HOST_PID, 2)));
        log.report(snapshot(Map.of(Reason.NO_HOST_PID, 0)));
        log.report(snapshot(Map.of(Reason.NO_HOST_PID, 1)));
        assertEquals(
                List.of("test is up, driver 1", "processes on GPUs cannot be attributed: " + Reason.NO_HOST_PID.text()),
                logger.messages());
        assertEquals(List.of(Level.INFO, Level.WARNING), logger.levels());
    }

    private static Snapshot snapshot(Map<Reason, Integer> unresolved) {
        SamplerTotals totals = new SamplerTotals(Map.of(), Map.of(), Duration.ofSeconds(1), DurationHistogram.EMPTY);
        BackendState up = new BackendState("test", true, true, "1", null, "");
        return new Snapshot(Instant.EPOCH, up, List.of(), unresolved, Map.of(), totals);
    }
}
