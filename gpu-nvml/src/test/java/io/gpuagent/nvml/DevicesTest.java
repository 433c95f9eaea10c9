package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.BackendUnavailableException;
import io.gpuagent.device.CallFault;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuDetail;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.nvml.binding.DetailTable;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DevicesTest extends FakeNvmlTest {

    private static final String EIGHT = IntStream.range(0, 8)
            .mapToObj(i -> "device " + i + " uuid=GPU-" + i + " name=N" + i + " mem_total=8G power=9\n")
            .collect(Collectors.joining());

    /** Returns the UUID of each device, followed by the error code if the device cannot be read. */
    private static List<String> states(List<Gpu> gpus) {
        List<String> states = new ArrayList<>();
        for (Gpu gpu : gpus) {
            try {
                gpu.read();
                states.add(gpu.identity().uuid());
            } catch (GpuUnavailableException e) {
                states.add(gpu.identity().uuid() + "!" + e.fault().code());
            }
        }
        return states;
    }

    @Test
    void aGpuLostFromTheStartHidesNoOtherAndIsRecovered() throws Exception {
        List<Gpu> gpus = gpus(EIGHT + "fault 3 call=nvmlDeviceGetHandleByIndex code=15\n");
        assertEquals(
                List.of("GPU-0", "GPU-1", "GPU-2", "!GPU_IS_LOST", "GPU-4", "GPU-5", "GPU-6", "GPU-7"), states(gpus));
        fake.play(EIGHT);
        assertEquals("GPU-3", states(backend.enumerate().gpus()).get(3));
    }

    @Test
    void retriesOfALostGpuBackOff() throws Exception {
        int before = fake.calls().size();
        gpus(EIGHT + "fault 3 call=nvmlDeviceGetHandleByIndex code=15\nlibrary log=on\n");
        for (int i = 1; i < 60; i++) {
            backend.enumerate();
        }
        // The lost GPU is opened again at the enumerations 2, 4, 8, 16, 26, 36, 46 and 56 of 60.
        assertEquals(
                List.of(60L, 9L),
                Stream.of("2", "3")
                        .map(index -> fake.calls().stream()
                                .skip(before)
                                .filter(call -> call.equals("nvmlDeviceGetHandleByIndex_v2 " + index))
                                .count())
                        .toList());
    }

    @Test
    void aGpuLostAtRuntimeKeepsItsNameAndUuid() throws Exception {
        gpus(EIGHT);
        for (String function :
                List.of("HandleByIndex", "UUID", "MemoryInfo", "ComputeRunningProcesses", "PowerUsage")) {
            fake.play(EIGHT + "fault 3 call=nvmlDeviceGet" + function + " code=15\n");
            assertEquals("GPU-3!GPU_IS_LOST", states(backend.enumerate().gpus()).get(3), function);
            assertEquals("N3", backend.enumerate().gpus().get(3).identity().model(), function);
            assertEquals("GPU-4", states(backend.enumerate().gpus()).get(4), function);
            fake.play(EIGHT);
            assertEquals("GPU-3", states(backend.enumerate().gpus()).get(3), function);
        }
    }

    @Test
    void aGpuThatNeedsAResetDoesNotCauseReinitialisation() throws Exception {
        gpus(EIGHT + "library log=on\n");
        long before = fake.calls("nvmlInit_v2");
        fake.play(EIGHT + "fault * call=nvmlDeviceGetHandleByIndex code=16\nlibrary log=on\n");
        for (int i = 0; i < 20; i++) {
            assertEquals(
                    "GPU-0!RESET_REQUIRED", states(backend.enumerate().gpus()).get(0));
        }
        assertEquals(0, fake.calls("nvmlInit_v2") - before);
    }

    @Test
    void aDeviceThatIsStillPresentIsTheSameObject() throws Exception {
        List<Gpu> before = gpus(EIGHT);
        List<Gpu> after = backend.enumerate().gpus();
        for (int i = 0; i < 8; i++) {
            assertSame(before.get(i), after.get(i));
        }
        fake.play(EIGHT.replace("GPU-3", "GPU-x"));
        assertNotSame(before.get(3), backend.enumerate().gpus().get(3));
        assertEquals("GPU-x", backend.enumerate().gpus().get(3).identity().uuid());
    }

    @Test
    void devicesThatShareAUuidRemainTheSameObjects() throws Exception {
        List<Gpu> before = gpus("device 0 uuid=GPU-a\ndevice 1 uuid=GPU-a\n");
        assertNotSame(before.get(0), before.get(1));
        assertEquals(before, backend.enumerate().gpus());
    }

    @Test
    void aDeviceIsTheSameObjectAfterOthersDisappearAndAfterItWasLost() throws Exception {
        List<Gpu> before = gpus(EIGHT);
        fake.play(EIGHT.replaceFirst("device 0.*\n", ""));
        Gpu moved = backend.enumerate().gpus().get(0);
        assertSame(before.get(1), moved);
        assertEquals(new GpuIdentity(0, "GPU-1", "N1", "00000000:01:00.0"), moved.identity());
        fake.play(EIGHT + "fault 3 call=nvmlDeviceGetHandleByIndex code=15\n");
        assertNotSame(before.get(3), backend.enumerate().gpus().get(3));
        fake.play(EIGHT);
        assertEquals(
                List.of(),
                backend.enumerate().gpus().stream()
                        .filter(gpu -> !before.contains(gpu))
                        .toList());
    }

    @Test
    void anImpossibleDetailIsUnknown() throws Exception {
        String device = "device 0 uuid=GPU-a vbios_version=96.0 cuda_version=13.0 compute_capability=9.0";
        String modes = device + " addressing_mode=ats inforom_version=G5\n";
        assertEquals(5, gpus(modes).get(0).identity().details().size());
        for (DetailTable.Row row : DetailTable.ROWS) {
            String mute = "library mute=" + row.function().symbol() + " restart=" + row.detail() + "\n";
            Set<GpuDetail> known =
                    gpus(modes + mute).get(0).identity().details().keySet();
            assertEquals(EnumSet.complementOf(EnumSet.of(row.detail())), known);
        }
        assertEquals(
                3,
                gpus(device + " addressing_mode=telepathy\n")
                        .get(0)
                        .identity()
                        .details()
                        .size());
    }

    @Test
    void aNameThatCouldNotBeReadIsRetriedUntilItIsKnown() throws Exception {
        for (String function : List.of("nvmlDeviceGetName", "nvmlDeviceGetPciInfo")) {
            Gpu gpu = gpus(EIGHT + "fault 3 call=" + function + " code=999\n").get(3);
            GpuIdentity without = gpu.identity();
            assertTrue(without.model().isEmpty() != without.pciBusId().isEmpty(), without.toString());
            fake.play(EIGHT);
            assertSame(gpu, backend.enumerate().gpus().get(3));
            assertEquals(new GpuIdentity(3, "GPU-3", "N3", "00000000:03:00.0"), gpu.identity());
        }
    }

    @Test
    void aSessionThatEndsDuringAHungCallAffectsOnlyThatGpu() throws Exception {
        String logged = EIGHT + "library log=on\n";
        long inits = fake.calls("nvmlInit_v2");
        long shutdowns = fake.calls("nvmlShutdown");
        Gpu old = gpus(logged).get(0);
        String hang = logged + "fault 0 call=nvmlDeviceGetTemperature hang=on\n";
        fake.play(hang);
        CompletableFuture<List<String>> hanging =
                CompletableFuture.supplyAsync(() -> states(List.of(old)), task -> new Thread(task).start());
        while (!old.callInProgress().equals(Optional.of("nvmlDeviceGetTemperatureV"))) {
            Thread.sleep(2);
        }
        fake.play(hang + "fault * call=nvmlDeviceGetCount code=1\n");
        for (int i = 0; i < 3; i++) {
            String refused = assertThrows(BackendUnavailableException.class, backend::enumerate)
                    .getMessage();
            assertTrue(refused.contains("an NVML call still hangs"), refused);
        }
        fake.play(hang);
        List<Gpu> others = backend.enumerate().gpus().subList(1, 8);
        assertEquals(IntStream.range(1, 8).mapToObj(i -> "GPU-" + i).toList(), states(others));
        assertEquals(0, fake.calls("nvmlShutdown") - shutdowns, "a call is in progress");
        assertFalse(hanging.isDone());
        fake.play(logged);
        hanging.join();
        assertEquals("GPU-0", states(backend.enumerate().gpus()).get(0));
        backend.close();
        assertEquals(fake.calls("nvmlInit_v2") - inits, fake.calls("nvmlShutdown") - shutdowns);
    }

    @Test
    void aDeviceOfAnEndedSessionIsNeverCalledAgain() throws Exception {
        Gpu old = gpus(EIGHT + "library reload=1\n").get(0);
        fake.play(EIGHT + "library reload=2\n");
        assertEquals("GPU-0", states(backend.enumerate().gpus()).get(0));
        CallFault fault = assertThrows(GpuUnavailableException.class, old::read).fault();
        assertEquals("UNINITIALIZED", fault.code());
    }

    @Test
    void aDeviceOfAClosedBackendIsNeverCalledAgain() throws Exception {
        Gpu old = gpus(EIGHT).get(0);
        backend.close();
        assertThrows(GpuUnavailableException.class, old::read);
        assertThrows(IllegalStateException.class, backend::enumerate);
    }

    /** The stand-in library aborts the process when a handle from before a reload is used. */
    @Test
    void readersNeverUseAHandleFromBeforeAReload() throws Exception {
        // Read few metrics: on a busy machine, reading the slow ones may take longer than a reload.
        MetricSelection few = MetricSelection.DEFAULT.withGroups(Set.of());
        fake.play(EIGHT + "library reload=0\n");
        backend = opened.add(new NvmlBackend(
                new NvmlBackend.Options().withLibrary(fake.library()).withSelection(few)));
        AtomicReference<List<Gpu>> current =
                new AtomicReference<>(backend.enumerate().gpus());
        AtomicInteger read = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        AtomicBoolean stop = new AtomicBoolean();
        List<CompletableFuture<Void>> readers = IntStream.range(0, 8)
                .mapToObj(index -> CompletableFuture.runAsync(
                        () -> {
                            while (!stop.get()) {
                                try {
                                    current.get().get(index).read();
                                    read.incrementAndGet();
                                } catch (GpuUnavailableException e) {
                                    refused.incrementAndGet();
                                    LockSupport.parkNanos(100_000); // let the enumerating thread run
                                }
                            }
                        },
                        task -> new Thread(task).start()))
                .toList();
        for (int reload = 1; reload <= 50 || read.get() <= 100 && reload <= 500; reload++) {
            fake.play(EIGHT + "library reload=" + reload + "\n");
            current.set(backend.enumerate().gpus());
            LockSupport.parkNanos(reload % 2 * 20_000_000L); // leave enough time for some samples to finish
        }
        stop.set(true);
        readers.forEach(CompletableFuture::join);
        assertTrue(read.get() > 100 && refused.get() > 0, read + " read, " + refused + " refused");
    }

    @Test
    void twoBackendsInAProcessBothRecoverFromAReload() throws Exception {
        gpus(EIGHT + "library reload=1\n");
        try (NvmlBackend other = NvmlBackend.withLibrary(fake.library())) {
            other.enumerate();
            fake.play(EIGHT + "library reload=2\n");
            assertThrows(
                    BackendUnavailableException.class,
                    backend::enumerate,
                    "the other backend keeps the dead session open");
            assertEquals(8, other.enumerate().gpus().size());
            assertEquals(8, backend.enumerate().gpus().size());
        }
        assertEquals("GPU-0", states(backend.enumerate().gpus()).get(0), "closing one does not affect the other");
    }

    @Test
    void afterAReloadALostGpuDoesNotTakeTheIdentityOfOneThatMoved() throws Exception {
        gpus("device 0 uuid=GPU-a\ndevice 1 uuid=GPU-b\nlibrary reload=1\n");
        fake.play(
                "device 0 uuid=GPU-b\ndevice 1 uuid=GPU-a\nfault 1 call=nvmlDeviceGetHandleByIndex code=15\nlibrary reload=2\n");
        List<Gpu> gpus = backend.enumerate().gpus();
        assertEquals("GPU-b", gpus.get(0).identity().uuid());
        assertEquals(new GpuIdentity(1, "", "", ""), gpus.get(1).identity());
    }

    @Test
    void aFailedCountIsAnErrorAndNotAnEmptyNode() throws Exception {
        gpus(EIGHT);
        fake.play(EIGHT + "fault * call=nvmlDeviceGetCount code=999\n");
        assertEquals(
                new CallFault("nvmlDeviceGetCount_v2", "UNKNOWN").toString(),
                assertThrows(BackendUnavailableException.class, backend::enumerate)
                        .getMessage());
    }

    @Test
    void namesEndAtTheNulAndInvalidBytesAreReplaced() throws Exception {
        List<Gpu> gpus = gpus("device 0 uuid=GPU-a name=\"a\\xFFb\\\"c\\nd\"\n");
        assertEquals("a\uFFFDb\"c\nd", gpus.get(0).identity().model());
    }
}
