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

/** What the contract of all backends does not say of events. */
class XidListenerIT extends FakeNvmlTest {

    private static final String WORLD = "device 0 uuid=GPU-a\ndevice 1 uuid=GPU-b\n";
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
    void aHundredWaitsWithoutAnEventAreNormal() throws Exception {
        listening(WORLD + "library log=on restart=1\n");
        awaitTrue(() -> fake.calls(WAIT) >= 100);
        fake.play(WORLD + "xid 0 code=31\nlibrary restart=1\n");
        awaitTrue(() -> events.size() == 1);
    }

    @Test
    void waitsThatReturnEarlyDoNotSpin() throws Exception {
        for (String early : List.of(
                "fault * call=nvmlEventSetWait code=10",
                "fault * call=nvmlEventSetWait code=15",
                "fault * call=nvmlEventSetWait code=999",
                "fault * call=nvmlEventSetWait code=1",
                "library mute=nvmlEventSetWait",
                "fault * call=nvmlEventSetCreate code=23",
                "fault * call=nvmlDeviceRegisterEvents code=999")) {
            listening(WORLD + early + "\nlibrary log=on\n");
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
    void aSetThatOnlyFailsIsGivenUpForANewOne() throws Exception {
        listening(WORLD + "fault * call=nvmlEventSetWait code=15\nlibrary log=on\n");
        long before = fake.calls("nvmlEventSetFree");
        awaitTrue(() -> fake.calls("nvmlEventSetFree") > before);
        fake.play(WORLD + "xid 0 code=31\n");
        awaitTrue(() -> events.size() == 1);
    }

    /** The stand-in ends the process where a set is used that a registration left in an undefined state. */
    @Test
    void aDeviceThatCouldNotBeRegisteredIsTriedAgain() throws Exception {
        listening(WORLD
                + "fault 1 call=nvmlDeviceRegisterEvents code=999\nxid 0 code=31\nxid 1 code=32\nlibrary restart=2\n");
        awaitTrue(() -> events.size() == 1);
        fake.play(WORLD + "xid 0 code=31\nxid 1 code=32\nlibrary restart=2\n");
        awaitTrue(() -> events.size() == 2);
        assertEquals("GPU-b", events.get(1).gpu().uuid());
    }

    @Test
    void afterAReloadOfTheDriverItIsListenedToAnew() throws Exception {
        listening(WORLD + "library reload=1 restart=3\n");
        fake.play(WORLD + "library reload=2 restart=3\n");
        assertEquals(2, backend.enumerate().gpus().size());
        fake.play(WORLD + "xid 1 code=45\nlibrary reload=2 restart=3\n");
        awaitTrue(() -> events.size() == 1);
    }

    /** The stand-in ends the process where it is shut down under a wait, or is given a set or a device of an ended session. */
    @Test
    void noReloadAndNoEndComesInTheWayOfAWait() throws Exception {
        long sent = 0;
        listening(WORLD + "library reload=100 restart=4\n");
        for (int reload = 101; reload < 120; reload++) {
            fake.play(WORLD + "library reload=" + reload + " restart=4\n");
            backend.enumerate();
            fake.play(WORLD + "xid 0 code=" + reload + " count=10\nlibrary reload=" + reload + " restart=4\n");
            sent += 10;
            long all = sent;
            awaitTrue(() -> events.size() == all);
        }
    }

    @Test
    void closingEndsTheThreadAndShutsTheLibraryDown() throws Exception {
        listening(WORLD + "library log=on\n");
        long before = fake.calls("nvmlShutdown");
        awaitTrue(() -> threads() > 0);
        backend.close();
        awaitTrue(() -> threads() == 0);
        assertEquals(1, fake.calls("nvmlShutdown") - before);
    }

    @Test
    void whoDoesNotListenHasNoThread() throws Exception {
        gpus(WORLD);
        assertEquals(0, threads());
    }

    @Test
    void aHungWaitHoldsUpNeitherReadingNorTheReload() throws Exception {
        listening(WORLD + "library reload=200\n");
        fake.play(WORLD + "fault * call=nvmlEventSetWait hang=on\nlibrary reload=200\n");
        Thread.sleep(600);
        assertEquals(2, backend.enumerate().gpus().size());
        backend.enumerate().gpus().get(0).read();
        long start = System.nanoTime();
        fake.play(WORLD + "fault * call=nvmlEventSetWait hang=on\nlibrary reload=201\n");
        assertThrows(
                BackendUnavailableException.class, backend::enumerate, "the stand-in is not shut down under a call");
        assertTrue((System.nanoTime() - start) / 1e9 < 3);
        fake.play(WORLD + "library reload=201\n");
        awaitTrue(() -> {
            try {
                return backend.enumerate().gpus().size() == 2;
            } catch (BackendUnavailableException e) {
                return false;
            }
        });
        fake.play(WORLD + "xid 0 code=77\nlibrary reload=201\n");
        awaitTrue(() -> events.size() == 1);
    }

    @Test
    void withoutMigWhatTheDriverWritesForInstancesIsNotRead() throws Exception {
        listening("device 0 uuid=GPU-a mig=off\nlibrary restart=5\n");
        backend.enumerate().gpus().get(0).read();
        fake.play("device 0 uuid=GPU-a mig=off\nxid 0 code=31 gi=0 ci=0\nlibrary restart=5\n");
        awaitTrue(() -> events.size() == 1);
        assertEquals("", events.get(0).mig());
    }

    @Test
    void theOlderWaitTellsNoInstances() throws Exception {
        FakeNvml old = FakeNvml.build(Variant.DRIVER_470, other, WAIT);
        assertEquals(List.of("XID 31 GPU-a "), told(old));
    }

    @Test
    void withoutAnyOneOfTheFunctionsNothingIsToldAndAllElseIsRead() throws Exception {
        for (String omitted : List.of("nvmlEventSetCreate", "nvmlDeviceRegisterEvents", "nvmlEventSetFree")) {
            assertEquals(List.of(), told(FakeNvml.build(Variant.DRIVER_580, other.resolve(omitted), omitted)), omitted);
        }
        FakeNvml neither = FakeNvml.build(Variant.DRIVER_418, other.resolve("neither"), "nvmlEventSetWait");
        assertEquals(List.of(), told(neither));
        FakeNvml newest = FakeNvml.build(Variant.DRIVER_580, other.resolve("newest"), "nvmlEventSetWait");
        assertEquals(List.of("XID 31 GPU-a 3:0"), told(newest));
    }

    private static List<String> told(FakeNvml library) throws InterruptedException {
        library.play("device 0 uuid=GPU-a mig=on\nxid 0 code=31 gi=3 ci=0 from=300ms\n");
        List<String> told = new ArrayList<>();
        try (Probe probe = Probe.start(library.library())) {
            for (int i = 0; i < 2; i++) {
                List<String> lines = probe.sample();
                assertTrue(lines.get(lines.size() - 1).startsWith("0 GPU-a memory=null"), lines.toString());
                told.addAll(lines.subList(0, lines.size() - 1));
                Thread.sleep(600);
            }
            List<String> lines = probe.sample();
            told.addAll(lines.subList(0, lines.size() - 1));
        }
        return told;
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("gpu-events"))
                .count();
    }
}
