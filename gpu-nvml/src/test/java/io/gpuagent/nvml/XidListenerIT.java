package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.BackendUnavailableException;
import io.gpuagent.device.XidEvent;
import io.gpuagent.nvml.FakeNvml.Variant;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests Xid events beyond {@link io.gpuagent.testing.EventContract}, which covers all backends. */
class XidListenerIT extends FakeNvmlTest {

    private static final String SCENARIO = "device 0 uuid=GPU-a\ndevice 1 uuid=GPU-b\n";
    private static final String WAIT = "nvmlEventSetWait_v2";

    private final List<XidEvent> events = new CopyOnWriteArrayList<>();

    @TempDir
    private Path other;

    private void listening(String scenario) throws Exception {
        backend.close();
        fake.play(scenario);
        backend = opened.add(NvmlBackend.withLibrary(fake.library()));
        backend.listen(events::add, fault -> {});
        backend.enumerate();
    }

    @Test
    void eventsArriveAfterAHundredIdleWaits() throws Exception {
        listening(SCENARIO + "library log=on restart=1\n");
        awaitTrue(() -> fake.calls(WAIT) >= 100);
        fake.play(SCENARIO + "xid 0 code=31\nlibrary restart=1\n");
        awaitTrue(() -> events.size() == 1);
    }

    @Test
    void callsThatReturnEarlyDoNotCauseABusyLoop() throws Exception {
        for (String early : List.of(
                "fault * call=nvmlEventSetWait code=10",
                "fault * call=nvmlEventSetWait code=15",
                "fault * call=nvmlEventSetWait code=999",
                "fault * call=nvmlEventSetWait code=1",
                "library mute=nvmlEventSetWait",
                "fault * call=nvmlEventSetCreate code=23",
                "fault * call=nvmlDeviceRegisterEvents code=999")) {
            listening(SCENARIO + early + "\nlibrary log=on\n");
            long before = fake.calls().stream()
                    .filter(call -> call.startsWith("nvmlEvent"))
                    .count();
            Thread.sleep(1000);
            long calls = fake.calls().stream()
                            .filter(call -> call.startsWith("nvmlEvent"))
                            .count()
                    - before;
            assertTrue(calls <= 8, early + ": " + calls + " calls in a second");
        }
    }

    @Test
    void aSetThatKeepsFailingIsReplaced() throws Exception {
        listening(SCENARIO + "fault * call=nvmlEventSetWait code=15\nlibrary log=on\n");
        long before = fake.calls("nvmlEventSetFree");
        awaitTrue(() -> fake.calls("nvmlEventSetFree") > before);
        fake.play(SCENARIO + "xid 0 code=31\n");
        awaitTrue(() -> events.size() == 1);
    }

    /**
     * After a failed registration, the state of an event set is undefined. The stand-in library aborts the process if
     * such a set is used.
     */
    @Test
    void aFailedRegistrationIsRetried() throws Exception {
        listening(SCENARIO
                + "fault 1 call=nvmlDeviceRegisterEvents code=999\nxid 0 code=31\nxid 1 code=32\nlibrary restart=2\n");
        awaitTrue(() -> events.size() == 1);
        fake.play(SCENARIO + "xid 0 code=31\nxid 1 code=32\nlibrary restart=2\n");
        awaitTrue(() -> events.size() == 2);
        assertEquals("GPU-b", events.get(1).gpu().uuid());
    }

    @Test
    void eventsArriveAfterADriverReload() throws Exception {
        listening(SCENARIO + "library reload=1 restart=3\n");
        fake.play(SCENARIO + "library reload=2 restart=3\n");
        assertEquals(2, backend.enumerate().gpus().size());
        fake.play(SCENARIO + "xid 1 code=45\nlibrary reload=2 restart=3\n");
        awaitTrue(() -> events.size() == 1);
    }

    /**
     * The stand-in library aborts the process if it is shut down during a wait, or if an event set or device of an
     * ended session is used.
     */
    @Test
    void reloadsAndShutdownsNeverHappenDuringAWait() throws Exception {
        long sent = 0;
        listening(SCENARIO + "library reload=100 restart=4\n");
        for (int reload = 101; reload < 120; reload++) {
            fake.play(SCENARIO + "library reload=" + reload + " restart=4\n");
            backend.enumerate();
            fake.play(SCENARIO + "xid 0 code=" + reload + " count=10\nlibrary reload=" + reload + " restart=4\n");
            sent += 10;
            long all = sent;
            awaitTrue(() -> events.size() == all);
        }
    }

    @Test
    void closingEndsTheThreadAndShutsDownTheLibrary() throws Exception {
        listening(SCENARIO + "library log=on\n");
        long before = fake.calls("nvmlShutdown");
        awaitTrue(() -> threads() > 0);
        backend.close();
        awaitTrue(() -> threads() == 0);
        assertEquals(1, fake.calls("nvmlShutdown") - before);
    }

    @Test
    void withoutAListenerThereIsNoThread() throws Exception {
        gpus(SCENARIO);
        assertEquals(0, threads());
    }

    @Test
    void aHungWaitDelaysNeitherReadingsNorAReload() throws Exception {
        listening(SCENARIO + "library reload=200\n");
        fake.play(SCENARIO + "fault * call=nvmlEventSetWait hang=on\nlibrary reload=200\n");
        Thread.sleep(600);
        assertEquals(2, backend.enumerate().gpus().size());
        backend.enumerate().gpus().get(0).read();
        long start = System.nanoTime();
        fake.play(SCENARIO + "fault * call=nvmlEventSetWait hang=on\nlibrary reload=201\n");
        assertThrows(
                BackendUnavailableException.class, backend::enumerate, "the library is not shut down during a call");
        assertTrue((System.nanoTime() - start) / 1e9 < 3);
        fake.play(SCENARIO + "library reload=201\n");
        awaitTrue(() -> {
            try {
                return backend.enumerate().gpus().size() == 2;
            } catch (BackendUnavailableException e) {
                return false;
            }
        });
        fake.play(SCENARIO + "xid 0 code=77\nlibrary reload=201\n");
        awaitTrue(() -> events.size() == 1);
    }

    @Test
    void instanceIdsAreIgnoredWithoutMig() throws Exception {
        listening("device 0 uuid=GPU-a mig=off\nlibrary restart=5\n");
        backend.enumerate().gpus().get(0).read();
        fake.play("device 0 uuid=GPU-a mig=off\nxid 0 code=31 gi=0 ci=0\nlibrary restart=5\n");
        awaitTrue(() -> events.size() == 1);
        assertEquals("", events.get(0).mig());
    }

    @Test
    void theOlderWaitHasNoInstances() throws Exception {
        FakeNvml old = FakeNvml.build(Variant.DRIVER_470, other, WAIT);
        assertEquals(List.of("Xid 31 GPU-a "), xids(old));
    }

    @Test
    void ifAnyEventFunctionIsMissingOnlyEventsAreLost() throws Exception {
        for (String omitted : List.of("nvmlEventSetCreate", "nvmlDeviceRegisterEvents", "nvmlEventSetFree")) {
            assertEquals(List.of(), xids(FakeNvml.build(Variant.DRIVER_580, other.resolve(omitted), omitted)), omitted);
        }
        FakeNvml neither = FakeNvml.build(Variant.DRIVER_418, other.resolve("neither"), "nvmlEventSetWait");
        assertEquals(List.of(), xids(neither));
        FakeNvml newest = FakeNvml.build(Variant.DRIVER_580, other.resolve("newest"), "nvmlEventSetWait");
        assertEquals(List.of("Xid 31 GPU-a 3:0"), xids(newest));
    }

    private static List<String> xids(FakeNvml library) throws InterruptedException {
        library.play("device 0 uuid=GPU-a mig=on\nxid 0 code=31 gi=3 ci=0 from=300ms\n");
        List<String> xids = new ArrayList<>();
        try (Probe probe = Probe.start(library.library())) {
            for (int i = 0; i < 2; i++) {
                List<String> lines = probe.sample();
                assertTrue(lines.get(lines.size() - 1).startsWith("0 GPU-a memory=null"), lines.toString());
                xids.addAll(lines.subList(0, lines.size() - 1));
                Thread.sleep(600);
            }
            List<String> lines = probe.sample();
            xids.addAll(lines.subList(0, lines.size() - 1));
        }
        return xids;
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("gpu-events"))
                .count();
    }
}
