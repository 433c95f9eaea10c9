package io.gpuagent.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.BackendUnavailableException.Reason;
import io.gpuagent.workload.Resolution;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SamplerTest extends SamplerFixture {

    @Test
    void stalledAndLostGpusDoNotAffectOthersAndRecover() throws Exception {
        Path file = write(FOUR_GPUS);
        try (Sampler sampler = sampler(file)) {
            await(sampler, snapshot -> live(snapshot, 0) && live(snapshot, 1));
            Instant before = Instant.now();
            Files.writeString(file, FOUR_GPUS + "fault 0 of=processes hang=on\n" + "fault 1 of=device code=15\n");

            Snapshot faulty =
                    await(sampler, snapshot -> state(snapshot, 0) instanceof GpuState.Stalled && !live(snapshot, 1));
            GpuState.Stalled stalled = (GpuState.Stalled) state(faulty, 0);
            assertEquals("processes", stalled.function());
            assertFalse(stalled.since().isBefore(before.minusMillis(200)), stalled + " since before " + before);
            GpuState.Lost lost = assertInstanceOf(GpuState.Lost.class, state(faulty, 1));
            assertEquals("GPU_IS_LOST", lost.fault().code());
            assertEquals("GPU-1", faulty.gpus().get(1).identity().uuid());
            assertTrue(faulty.backend().up());

            Instant later = Instant.now();
            Snapshot fresh = await(sampler, snapshot -> sampledSince(snapshot, 2, later));
            assertTrue(Duration.between(later, Instant.now()).toMillis() < 1000, "GPU 2 waited for GPU 0");
            assertEquals(1L << 20, attribution(fresh, 2).unattributedBytes());

            write(FOUR_GPUS);
            await(sampler, snapshot -> live(snapshot, 0) && live(snapshot, 1));
        }
    }

    @Test
    void memoryAddsUpWhileValuesChange() throws Exception {
        try (Sampler sampler = sampler(write(FOUR_GPUS))) {
            for (int i = 0; i < 10; i++) {
                Instant start = Instant.now();
                Snapshot snapshot = await(sampler, now -> sampledSince(now, 0, start) && live(now, 3));
                assertEquals(1L << 20, attribution(snapshot, 0).unattributedBytes());
                assertEquals((1L << 20) + (1L << 30), attribution(snapshot, 3).unattributedBytes());
                assertEquals(1, snapshot.unresolved().get(Resolution.Reason.EXITED));
            }
        }
    }

    @Test
    void driverMayBeLoadedAndUnloadedLater() throws Exception {
        Path file = write("driver code=9\n");
        try (Sampler sampler = sampler(file)) {
            Snapshot none = await(sampler, snapshot -> snapshot.backend().known());
            assertFalse(none.backend().up());
            assertEquals(Reason.NO_DRIVER, none.backend().problem());
            assertEquals(0, none.gpus().size());

            write(FOUR_GPUS);
            await(sampler, snapshot -> snapshot.backend().up() && live(snapshot, 2));

            write("driver code=9\n");
            Snapshot gone = await(sampler, snapshot -> !snapshot.backend().up());
            assertInstanceOf(GpuState.Lost.class, state(gone, 2));
        }
    }

    @Test
    void knownGpusAreSampledWhileTheEnumerationHangs() throws Exception {
        Path file = write(FOUR_GPUS);
        try (Sampler sampler = sampler(file)) {
            await(sampler, snapshot -> live(snapshot, 0));
            write(FOUR_GPUS + "fault * of=enumeration hang=on\n");
            await(sampler, snapshot -> !snapshot.backend().up());
            Instant later = Instant.now();
            await(sampler, snapshot -> sampledSince(snapshot, 0, later));
            write(FOUR_GPUS);
            await(sampler, snapshot -> snapshot.backend().up());
        }
    }

    @Test
    void unreadableListIsNotAnEmptyOne() throws Exception {
        String faults = "fault 0 of=processes code=999\n";
        try (Sampler sampler = sampler(write(FOUR_GPUS + faults))) {
            Snapshot snapshot = await(sampler, now -> live(now, 0) && live(now, 1));
            assertFalse(attribution(snapshot, 0).processListUp());
            assertTrue(attribution(snapshot, 1).processListUp());
            assertTrue(snapshot.totals().callFaults().toString().contains("UNKNOWN"));
        }
    }

    @Test
    void knownGpusAreSampledWhileTheEnumerationFails() throws Exception {
        Path file = write(FOUR_GPUS);
        try (Sampler sampler = sampler(file)) {
            await(sampler, snapshot -> live(snapshot, 0));
            write(FOUR_GPUS + "fault * of=enumeration code=999\n");
            Snapshot failed = await(sampler, snapshot -> !snapshot.backend().up());
            assertEquals("580.95.05", failed.backend().driverVersion());
            Instant later = Instant.now();
            await(sampler, snapshot -> !snapshot.backend().up() && sampledSince(snapshot, 0, later));
        }
    }

    @Test
    void stalledGpuKeepsOneThreadWhileTheEnumerationFlaps() throws Exception {
        Path file = write(FOUR_GPUS);
        String hang = FOUR_GPUS + "fault 0 of=processes hang=on\n";
        try (Sampler sampler = sampler(file)) {
            await(sampler, snapshot -> live(snapshot, 0));
            write(hang);
            await(sampler, snapshot -> state(snapshot, 0) instanceof GpuState.Stalled);
            for (int i = 0; i < 3; i++) {
                write(hang + "fault * of=enumeration code=999\n");
                await(sampler, snapshot -> !snapshot.backend().up());
                write(hang);
                Snapshot back = await(sampler, snapshot -> snapshot.backend().up());
                assertInstanceOf(GpuState.Stalled.class, state(back, 0));
            }
            assertEquals(1, threads("gpu-reader-0"));
            write(FOUR_GPUS);
            await(sampler, snapshot -> live(snapshot, 0));
        }
    }

    @Test
    void gpuThatIsNoLongerListedIsLostAndItsThreadEnds() throws Exception {
        Path file = write(FOUR_GPUS);
        try (Sampler sampler = sampler(file)) {
            await(sampler, snapshot -> live(snapshot, 3));
            write(FOUR_GPUS.replaceAll("(?m)^.*(GPU-3| 3 ).*$", ""));
            // A read that is in progress when the scenario changes may fail first, with another code.
            await(
                    sampler,
                    snapshot -> state(snapshot, 3) instanceof GpuState.Lost lost
                            && lost.fault().code().equals("NOT_LISTED"));
            awaitTrue(() -> threads("gpu-reader-3") == 0);
            write(FOUR_GPUS);
            await(sampler, snapshot -> live(snapshot, 3) && snapshot.gpus().size() == 4);
        }
    }

    @Test
    void gpusThatSwapTheirIndexKeepTheirIdentity() throws Exception {
        Path file = write("device 0 uuid=GPU-a mem_total=1G\ndevice 1 uuid=GPU-b mem_total=2G\n");
        try (Sampler sampler = sampler(file)) {
            await(sampler, snapshot -> total(snapshot, 0) == 1L << 30 && total(snapshot, 1) == 2L << 30);
            write("device 0 uuid=GPU-b mem_total=2G\ndevice 1 uuid=GPU-a mem_total=1G\n");
            Snapshot swapped =
                    await(sampler, snapshot -> total(snapshot, 0) == 2L << 30 && total(snapshot, 1) == 1L << 30);
            assertEquals("GPU-b", swapped.gpus().get(0).identity().uuid());
        }
    }

    @Test
    void gpusWithEqualUuidsAreSeparate() throws Exception {
        String clones = "device 0 uuid=GPU-x mem_total=1G\ndevice 1 uuid=GPU-x mem_total=2G\n";
        try (Sampler sampler = sampler(write(clones))) {
            await(sampler, snapshot -> total(snapshot, 0) == 1L << 30 && total(snapshot, 1) == 2L << 30);
        }
    }

    @Test
    void slowGpuDoublesTheInterval() throws Exception {
        try (Sampler sampler = sampler(write(FOUR_GPUS + "fault 2 of=device delay=60ms\n"))) {
            Snapshot slow =
                    await(sampler, snapshot -> snapshot.totals().interval().compareTo(Duration.ofMillis(400)) >= 0);
            long over50 = slow.totals().durations().count()
                    - slow.totals().durations().counts().get(5);
            assertTrue(over50 > 0, slow.totals().toString());
        }
    }

    @Test
    void exitedProcessKeepsItsWorkloadWhileItsListCannotBeRead() throws Exception {
        String here = "device 0 uuid=GPU-0 mem_total=1G\nproc 0 pid=7 mem=1M cgroup=/system.slice/a.service\n";
        String gone = "device 0 uuid=GPU-0 mem_total=1G\nproc 0 pid=7 mem=1M\n";
        String unreadable = gone + "fault 0 of=processes code=999\n";
        Path file = write(here);
        try (Sampler sampler = sampler(file)) {
            await(
                    sampler,
                    snapshot -> live(snapshot, 0)
                            && attribution(snapshot, 0).workloads().size() == 1);
            write(unreadable);
            await(sampler, snapshot -> !attribution(snapshot, 0).processListUp());
            write(gone);
            Snapshot after = await(sampler, snapshot -> attribution(snapshot, 0).processListUp());
            assertEquals(1, attribution(after, 0).workloads().size());
        }
    }

    @Test
    void everyXidOfAStormIsCountedForTheGpuAndItsWorkload() throws Exception {
        Path file = write(FOUR_GPUS);
        try (Sampler sampler = sampler(file)) {
            await(sampler, snapshot -> live(snapshot, 0) && live(snapshot, 1));
            Instant before = Instant.now();
            write(FOUR_GPUS + "xid 0 code=31 count=10000\nxid 1 code=79\n");
            Snapshot snapshot = await(sampler, now -> errors(now, 0) >= 10_000 && errors(now, 1) > 0);
            XidCount count = snapshot.gpus().get(0).xids().get(0);
            assertEquals("31", count.xid());
            assertEquals(10_000, count.count());
            assertFalse(count.lastSeen().isBefore(before.minusMillis(1)));
            Account account = snapshot.gpus().get(0).accounts().get(0);
            assertEquals("a.service", account.usage().labels().workload());
            assertEquals(Map.of("31", 10_000L), account.xids());
            assertEquals(
                    Map.of("79", 1L), snapshot.gpus().get(1).accounts().get(0).xids());
            assertEquals(0, errors(snapshot, 2));
        }
    }

    @Test
    void xidIsCountedForTheWorkloadThatItEnds() throws Exception {
        String gpu = "device 0 uuid=GPU-0 mem_total=10G\n";
        String running = gpu + "proc 0 pid=100 mem=1G cgroup=/system.slice/a.service\n";
        Path file = write(running);
        try (Sampler sampler = sampler(file, Duration.ofSeconds(1))) {
            await(sampler, snapshot -> live(snapshot, 0));
            write(running + "xid 0 code=43\n");
            Thread.sleep(100); // the Xid is reported within about 10 ms, well before the next sample
            write(gpu + "xid 0 code=43\n");
            Snapshot after = await(sampler, now -> errors(now, 0) > 0);
            assertEquals(Map.of("43", 1L), after.gpus().get(0).accounts().get(0).xids());
        }
    }
}
