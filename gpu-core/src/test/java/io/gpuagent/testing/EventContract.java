package io.gpuagent.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuBackend;
import io.gpuagent.device.XidEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Tests how every {@link GpuBackend} reports the Xids of a scenario. */
public abstract class EventContract extends Contract {

    private static final String TWO = """
            device 0 uuid=GPU-a mem_total=8G
            device 1 uuid=GPU-b mem_total=8G
            """;

    /** The time after which an event that has not arrived is assumed never to arrive. */
    private static final long QUIET_MILLIS = 700;

    private final List<XidEvent> events = new CopyOnWriteArrayList<>();

    private final List<CallFault> faults = new CopyOnWriteArrayList<>();

    private GpuBackend listening(String scenario) throws Exception {
        GpuBackend backend = play(scenario);
        backend.listen(events::add, faults::add);
        backend.enumerate();
        return backend;
    }

    @Test
    void xidIsReportedOnceWithItsGpuAndNumber() throws Exception {
        GpuBackend backend = listening(TWO);
        Instant before = Instant.now();
        change(TWO + "xid 1 code=31\n");
        awaitEvents(1);
        Thread.sleep(QUIET_MILLIS);
        assertEquals(1, events.size());
        XidEvent event = events.get(0);
        assertEquals(31, event.xid());
        assertEquals(backend.enumerate().gpus().get(1).identity(), event.gpu());
        assertEquals("", event.mig());
        assertTrue(!event.time().isBefore(before) && !event.time().isAfter(Instant.now()), event.toString());
    }

    @Test
    void xidsOfSeveralGpusAndNumbersAreDistinguished() throws Exception {
        listening(TWO);
        change(TWO + "xid 0 code=31\nxid 0 code=45 count=2\nxid 1 code=999\n");
        awaitEvents(4);
        assertEquals(
                List.of("GPU-a 31", "GPU-a 45", "GPU-a 45", "GPU-b 999"),
                events.stream()
                        .map(event -> event.gpu().uuid() + " " + event.xid())
                        .sorted()
                        .toList());
    }

    @Test
    void noXidOfAStormIsLost() throws Exception {
        listening(TWO);
        change(TWO + "xid 0 code=31 count=10000\n");
        awaitEvents(10_000);
        Thread.sleep(QUIET_MILLIS);
        assertEquals(10_000, events.size());
    }

    @Test
    void xidOfAMigInstanceHasItsIds() throws Exception {
        String mig = "device 0 uuid=GPU-a mig=on\n";
        listening(mig).enumerate().gpus().get(0).read();
        change(mig + "xid 0 code=94 gi=7 ci=0\n");
        awaitEvents(1);
        assertEquals("7:0", events.get(0).mig());
    }

    @Test
    void xidOfAGpuInstanceHasOnlyTheGpuInstanceId() throws Exception {
        String mig = "device 0 uuid=GPU-a mig=on\n";
        listening(mig).enumerate().gpus().get(0).read();
        change(mig + "xid 0 code=94 gi=7\n");
        awaitEvents(1);
        assertEquals("7", events.get(0).mig());
    }

    @Test
    void laterXidIsReportedOnceInEachCycle() throws Exception {
        listening(TWO + "cycle 1s\nxid 0 code=13 from=300ms until=900ms\n");
        awaitEvents(3);
        Duration between = Duration.between(events.get(0).time(), events.get(2).time());
        assertTrue(between.toMillis() > 1500 && between.toMillis() < 2500, between.toString());
    }

    @Test
    void xidBeforeTheGpuIsEnumeratedIsNotReported() throws Exception {
        GpuBackend backend = listening("device 0 uuid=GPU-a mem_total=8G\n");
        change(TWO + "xid 1 code=13 until=600ms\n");
        Thread.sleep(QUIET_MILLIS);
        backend.enumerate();
        Thread.sleep(QUIET_MILLIS);
        assertEquals(List.of(), events);
    }

    @Test
    void gpuWithoutEventSupportDoesNotAffectOthers() throws Exception {
        String scenario = TWO + "fault 0 of=events code=3\n";
        listening(scenario);
        change(scenario + "xid 0 code=31\nxid 1 code=45\n");
        awaitEvents(1);
        Thread.sleep(QUIET_MILLIS);
        assertEquals(List.of(45), events.stream().map(XidEvent::xid).toList());
        assertEquals(List.of(), faults, "an unsupported call is not a fault");
    }

    @Test
    void failedEventCallIsReported() throws Exception {
        String scenario = TWO + "fault 0 of=events code=999\n";
        listening(scenario);
        change(scenario + "xid 0 code=31\n");
        await(() -> faults.stream().anyMatch(fault -> fault.code().equals("UNKNOWN")));
        change(TWO + "fault * of=events code=15\n");
        await(() -> faults.stream().anyMatch(fault -> fault.code().equals("GPU_IS_LOST")));
    }

    @Test
    void waitThatFailsForALostGpuIsRetried() throws Exception {
        String lost = TWO + "fault * of=events code=15\n";
        listening(TWO);
        change(lost);
        Thread.sleep(QUIET_MILLIS);
        change(lost + "xid 1 code=79\n");
        Thread.sleep(QUIET_MILLIS);
        assertEquals(List.of(), events);
        change(TWO + "xid 1 code=79\n");
        awaitEvents(1);
    }

    @Test
    void xidOfAGpuAddedLaterIsReported() throws Exception {
        String scenario = "device 0 uuid=GPU-a mem_total=8G\n";
        GpuBackend backend = listening(scenario);
        change(TWO);
        backend.enumerate();
        change(TWO + "xid 1 code=31\n");
        awaitEvents(1);
        assertEquals("GPU-b", events.get(0).gpu().uuid());
    }

    @Test
    void hangingWaitDoesNotAffectOtherCalls() throws Exception {
        String hang = TWO + "fault * of=events hang=on\n";
        GpuBackend backend = listening(TWO);
        change(hang + "xid 0 code=31\n");
        Thread.sleep(QUIET_MILLIS);
        events.clear();
        for (Gpu gpu : backend.enumerate().gpus()) {
            gpu.read();
        }
        change(TWO + "xid 0 code=32\n");
        await(() -> events.stream().anyMatch(event -> event.xid() == 32));
    }

    @Test
    void closingDoesNotWaitForAnEventAndNoneIsReportedAfterwards() throws Exception {
        GpuBackend backend = listening(TWO);
        Thread.sleep(100);
        long start = System.nanoTime();
        backend.close();
        long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
        assertTrue(millis < 1000, millis + " ms");
        change(TWO + "xid 0 code=31\n");
        Thread.sleep(QUIET_MILLIS);
        assertEquals(List.of(), events);
    }

    private void awaitEvents(int count) throws InterruptedException {
        await(() -> events.size() >= count);
    }
}
