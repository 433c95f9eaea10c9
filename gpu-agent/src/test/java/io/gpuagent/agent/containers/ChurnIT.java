package io.gpuagent.agent.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.containers.CachingDirectory.Tuning;
import io.gpuagent.retry.Backoff;
import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.StubDaemon.Mode;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Ten thousand containers start and stop, two hundred of them alive at a time, while a sampler looks up the names of
 * the live ones.
 */
class ChurnIT extends StubbedDocker {

    private static final int LIVE = 200;
    private static final int EARLY = 2_000;
    private static final int ALL = 10_000;
    private static final Duration FORGET_AFTER = Duration.ofSeconds(2);

    private static final Tuning TUNING = new Tuning(
            new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2)),
            Tuning.DEFAULT.recheck(),
            FORGET_AFTER,
            Tuning.DEFAULT.capacity());

    private final Deque<Started> live = new ArrayDeque<>();
    private Path bundles;
    private String inspected;
    private String bundled;
    private int started;
    /** Ids that other tests in this JVM left behind. */
    private long idsBefore;

    /** A container whose name comes from its engine or from a file. */
    private record Started(Workload.Container container, String name, boolean inDocker) {

        String id() {
            return container.id();
        }
    }

    @BeforeEach
    void startDirectory() throws IOException {
        idsBefore = Footprint.idsKept();
        start(true);
        bundles = Files.createDirectories(directory.resolve("bundles/k8s.io"));
        inspected = OciBundleTest.text("docker-20.10.inspect.json");
        bundled = OciBundleTest.text("containerd-1.6.config.json");
        source = new DockerSource(endpoints(), DEADLINE, TUNING.backoff());
        BundleDirectories directories = BundleDirectories.of(bundles.getParent().toString(), Path.of("/"));
        names = opened.add(new CachingDirectory(
                List.of(new FileSource(new BundleFiles(), directories), source), List.of("team"), TUNING));
        Eventually.within(SOON, "events followed", () -> daemon.followers() == 1);
    }

    @Test
    void memoryIsBoundedAndNothingLeaks() throws IOException {
        turnOver(EARLY);
        Footprint early = settled();
        turnOver(ALL - EARLY);
        assertFlat(early, settled());
        assertCapacityHolds();
    }

    @Test
    void aDaemonThatHangsForAWhileLeavesNothingBehind() throws IOException {
        turnOver(EARLY);
        Footprint early = settled();
        turnOver(ALL / 2 - EARLY);
        daemon.mode = Mode.HANG;
        long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (System.nanoTime() < end) {
            turnOver(3);
            Eventually.pause(Duration.ofMillis(20));
        }
        Footprint.now("daemon hangs, after " + started + " containers");
        daemon.mode = Mode.HEALTHY;
        turnOver(ALL - started);
        assertFlat(early, settled());
    }

    private void turnOver(int containers) throws IOException {
        for (int i = 0; i < containers; i++) {
            start();
            if (live.size() > LIVE) {
                stop(live.removeFirst());
            }
            if (started % 50 == 0) {
                tick();
            }
        }
    }

    /**
     * Two of three containers are Docker's. The cgroup path of one of those does not name the runtime, so files are
     * searched first.
     */
    private void start() throws IOException {
        int number = ++started;
        String id = "%064x".formatted(number);
        boolean inDocker = number % 3 != 0;
        @Nullable
        ContainerRuntime runtime = Arrays.asList(ContainerRuntime.CONTAINERD, ContainerRuntime.DOCKER, null)
                .get(number % 3);
        String name = (inDocker ? "trainer-" : "ivw-") + number;
        Started next = new Started(new Workload.Container(runtime, id, null, null), name, inDocker);
        if (inDocker) {
            String answer = inspected.replace(recordedId(), id).replace("/trainer\"", "/" + name + "\"");
            daemon.answers.put(id, answer.getBytes(StandardCharsets.UTF_8));
            daemon.sendEvent("create", id);
        } else {
            Path bundle = Files.createDirectories(bundles.resolve(id));
            Files.writeString(bundle.resolve("config.json"), bundled.replace("\"ivw\"", "\"" + name + "\""));
        }
        live.addLast(next);
        names.find(next.container());
        daemon.sendEvent("start", id);
    }

    private String recordedId() {
        return inspected.substring(inspected.indexOf(": \"") + 3, inspected.indexOf("\",\n"));
    }

    /** The container has its name by now, unless the daemon hangs. */
    private void stop(Started ended) throws IOException {
        if (!ended.inDocker() || daemon.mode == Mode.HEALTHY) {
            awaitName(ended);
        }
        if (ended.inDocker()) {
            daemon.answers.remove(ended.id());
            daemon.sendEvent("destroy", ended.id());
        } else {
            Files.delete(bundles.resolve(ended.id()).resolve("config.json"));
            Files.delete(bundles.resolve(ended.id()));
        }
    }

    /** Looks up every live container, as a sampler does. */
    private void tick() {
        live.forEach(each -> names.find(each.container()));
    }

    private void awaitName(Started container) {
        Eventually.within(Duration.ofSeconds(20), container.name(), () -> {
            tick();
            return named(container);
        });
    }

    private boolean named(Started container) {
        if (!(names.find(container.container()) instanceof ContainerLookup.Known known)) {
            return false;
        }
        String name = container.inDocker()
                ? known.details().name()
                : known.details().kubernetes().container();
        assertEquals(container.name(), name);
        assertEquals(
                container.inDocker() ? Map.of("team", "speech") : Map.of(),
                known.details().labels());
        return true;
    }

    /** The footprint once the ended containers are forgotten. */
    private Footprint settled() {
        live.forEach(this::awaitName);
        Eventually.within(Duration.ofSeconds(20), "ended containers are forgotten", () -> {
            tick();
            Eventually.pause(Duration.ofMillis(200));
            return Footprint.idsKept() <= idsBefore + LIVE;
        });
        daemon.requests.clear();
        return Footprint.now(started + " containers");
    }

    private static void assertFlat(Footprint early, Footprint late) {
        assertTrue(late.heap() - early.heap() < 1 << 20, late::toString);
        assertTrue(late.descriptors() <= early.descriptors() + 4, late::toString);
        assertTrue(late.threads() <= early.threads() + 4, late::toString);
    }

    /**
     * Looks up ids faster than the sources can answer and checks that the cache stays within its capacity, allowing one
     * extra id for a lookup in progress.
     */
    private void assertCapacityHolds() {
        for (int i = 0; i < TUNING.capacity() + 1_000; i++) {
            names.find(container("%064x".formatted(ALL + 1 + i)));
        }
        Footprint full = Footprint.now("more ids looked up than are kept");
        assertTrue(full.ids() <= idsBefore + TUNING.capacity() + 1, full::toString);
    }
}
