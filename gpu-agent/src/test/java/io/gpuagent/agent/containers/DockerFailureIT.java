package io.gpuagent.agent.containers;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.StubDaemon.Mode;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.ContainerLookup.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Daemons that hang, stall, send garbage and fail. */
@Tag("alone")
class DockerFailureIT extends StubbedDocker {

    /** A deadline of a few milliseconds may expire before the call's thread has run at all. */
    private static final Set<LookupOutcome> HUNG = Set.of(LookupOutcome.TIMEOUT, LookupOutcome.REJECTED);

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"HEALTHY", "EVENTS_FORBIDDEN", "EVENTS_END", "EVENTS_HANG", "SLOW"},
            mode = EnumSource.Mode.EXCLUDE)
    void aMisbehavingDaemonCostsOnlyNamesAndIsUsedOnceItRecovers(Mode mode) {
        for (boolean unix : List.of(true, false)) {
            start(unix);
            daemon.mode = mode;
            openDirectory();
            for (int i = 0; i < 50; i++) {
                long start = System.nanoTime();
                find(ID);
                assertTrue(System.nanoTime() - start < Duration.ofMillis(50).toNanos());
                Eventually.pause(Duration.ofMillis(5));
            }
            Eventually.within(SOON, "a reason", () -> find(ID).equals(new ContainerLookup.Unknown(Reason.UNAVAILABLE)));
            daemon.mode = Mode.HEALTHY;
            awaitName("web");
            opened.close();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"HANG", "HEADERS_THEN_STALL", "DRIBBLE", "DRIBBLE_HEADERS"})
    void hungCallsFreeTheirThreadsAndDescriptors(Mode mode) throws Exception {
        for (boolean unix : List.of(true, false)) {
            start(unix);
            source = opened.add(new DockerSource(endpoints(), Duration.ofMillis(30), QUICK));
            daemon.mode = mode;
            hang(10);
            long descriptors = descriptors();
            long threads = threads();
            hang(unix && mode == Mode.HANG ? 100 : 30);
            Eventually.within(SOON, "descriptors freed", () -> descriptors() <= descriptors + 2);
            Eventually.within(SOON, "threads freed", () -> threads() <= threads + 2);
            opened.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void closingEndsEveryThreadWithinASecond(Mode mode) {
        for (boolean unix : List.of(true, false)) {
            start(unix);
            daemon.mode = mode;
            openDirectory();
            find(ID);
            Eventually.pause(Duration.ofMillis(150));
            names.close();
            Eventually.within(Duration.ofSeconds(1), "threads have ended", () -> threads() == 0);
            opened.close();
        }
    }

    private void hang(int times) {
        for (int i = 0; i < times; i++) {
            LookupFailedException failure =
                    assertThrows(LookupFailedException.class, () -> source.lookup(container(ID)));
            assertTrue(HUNG.contains(failure.outcome()), failure::getMessage);
        }
    }

    private static long descriptors() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** The threads of the source and of the directory. */
    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("docker-") || name.equals("container-names"))
                .count();
    }
}
