package io.gpuagent.agent.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.containers.CachingDirectory.Tuning;
import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.StubDaemon;
import io.gpuagent.testing.StubDaemon.Mode;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.ContainerLookup.Reason;
import io.gpuagent.workload.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DockerSourceTest {

    private static final String ID = "0123456789abcdef".repeat(4);
    private static final String OTHER = "fedcba9876543210".repeat(4);
    private static final Duration DEADLINE = Duration.ofMillis(300);
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final Backoff QUICK = new Backoff(Duration.ofMillis(20), Duration.ofMillis(100));

    /** A deadline of some milliseconds may pass before a thread has run at all. */
    private static final Set<LookupOutcome> HUNG = Set.of(LookupOutcome.TIMEOUT, LookupOutcome.REJECTED);

    @TempDir
    private Path directory;

    private StubDaemon daemon;
    private DockerSource source;
    private CachingDirectory names;

    @AfterEach
    void close() {
        if (names != null) {
            names.close();
        } else if (source != null) {
            source.close();
        }
        if (daemon != null) {
            daemon.close();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"HEALTHY", "EVENTS_FORBIDDEN", "INSPECT_HANGS", "INSPECT_FAILS", "SLOW"},
            mode = EnumSource.Mode.EXCLUDE)
    void misbehavingDaemonCostsNothingButNamesAndIsUsedOnceItHeals(Mode mode) {
        for (boolean unix : List.of(true, false)) {
            start(unix);
            daemon.mode = mode;
            watched();
            for (int i = 0; i < 50; i++) {
                long start = System.nanoTime();
                find(ID);
                assertTrue(System.nanoTime() - start < Duration.ofMillis(50).toNanos());
                Eventually.pause(Duration.ofMillis(5));
            }
            Eventually.within(SOON, "a reason", () -> find(ID).equals(new ContainerLookup.Unknown(Reason.UNAVAILABLE)));
            daemon.mode = Mode.HEALTHY;
            awaitName("web");
            close();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"HANG", "HEADERS_THEN_STALL", "DRIBBLE"})
    void hungCallsFreeTheirThreadsAndDescriptors(Mode mode) throws Exception {
        for (boolean unix : List.of(true, false)) {
            start(unix);
            source = new DockerSource(endpoints(), Duration.ofMillis(30), QUICK);
            daemon.mode = mode;
            hang(10);
            long descriptors = descriptors();
            long threads = threads();
            hang(unix && mode == Mode.HANG ? 100 : 30);
            Eventually.within(SOON, "descriptors freed", () -> descriptors() <= descriptors + 2);
            Eventually.within(SOON, "threads freed", () -> threads() <= threads + 2);
            close();
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void closingEndsEveryThreadWithinASecond(Mode mode) {
        for (boolean unix : List.of(true, false)) {
            start(unix);
            daemon.mode = mode;
            watched();
            find(ID);
            Eventually.pause(Duration.ofMillis(150));
            names.close();
            Eventually.within(Duration.ofSeconds(1), "threads ended", () -> threads() == 0);
            close();
        }
    }

    @Test
    void newestCommonVersionIsSpoken() throws Exception {
        for (int newest : List.of(40, 41, 44, 52)) {
            start(true);
            daemon.newest = newest;
            assertEquals("web", lookup());
            assertTrue(daemon.requests.contains("GET /version HTTP/1.1"));
            assertEquals("GET /v1." + Math.min(newest, 44) + "/containers/" + ID + "/json HTTP/1.1", lastRequest());
            close();
        }
    }

    @Test
    void daemonThatRefusesWhatWeKnowIsSpokenToInItsOldestVersion() throws Exception {
        start(true);
        daemon.oldest = 48;
        daemon.newest = 60;
        assertEquals("web", lookup());
        assertTrue(lastRequest().startsWith("GET /v1.48/"));
    }

    @Test
    void demandedVersionIsSpoken() throws Exception {
        start(true);
        source = source(Map.of("DOCKER_API_VERSION", "1.30"));
        assertEquals("web", name());
        assertTrue(lastRequest().startsWith("GET /v1.30/"));
    }

    @Test
    void demandedVersionThatTheDaemonRefusesIsNamedInTheReason() {
        start(true);
        daemon.oldest = 44;
        daemon.newest = 52;
        source = source(Map.of("DOCKER_API_VERSION", "1.30"));
        LookupFailedException failure = assertThrows(LookupFailedException.class, this::name);
        assertTrue(failure.getMessage().contains("DOCKER_API_VERSION"), failure::getMessage);
    }

    @Test
    void daemonUpgradedUnderneathIsSpokenToAnew() throws Exception {
        start(true);
        assertEquals("web", lookup());
        daemon.oldest = 44;
        daemon.newest = 52;
        assertEquals("web", name());
        assertTrue(lastRequest().startsWith("GET /v1.44/"));
    }

    @Test
    void restartedDaemonIsNotAFailure() throws Exception {
        start(true);
        assertEquals("web", lookup());
        daemon.hangUp();
        assertEquals("web", name());
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"INSPECT_HANGS", "INSPECT_FAILS"})
    void containerWhoseRecordIsLockedOrBrokenIsNamedByTheList(Mode mode) throws Exception {
        start(true);
        daemon.mode = mode;
        assertEquals("web", lookup());
    }

    @Test
    void slowDaemonIsHeardOut() throws Exception {
        start(true);
        daemon.mode = Mode.SLOW;
        source = new DockerSource(endpoints(), Duration.ofSeconds(2), QUICK);
        assertEquals("web", name());
    }

    @Test
    void detailsAreWholeAndPodmanIsToldByItsComponents() throws Exception {
        start(true);
        assertEquals(new ContainerDetails("web", "docker", "bb:1", Map.of("a", "b"), null), details());
        close();
        start(true);
        daemon.engine = "Podman Engine";
        assertEquals("podman", details().runtime());
    }

    @Test
    void idsOfOtherRuntimesAreNotAskedFor() throws Exception {
        start(true);
        source = source(Map.of());
        for (String id : List.of("web", "../../info", ID.substring(0, 12), ID.toUpperCase(java.util.Locale.ROOT))) {
            assertTrue(source.lookup(id).isEmpty());
        }
        assertEquals(List.of(), daemon.requests);
    }

    @Test
    void unknownIdIsNotFound() throws Exception {
        start(true);
        source = source(Map.of());
        assertTrue(source.lookup(OTHER).isEmpty());
    }

    @Test
    void renameIsHeardOfByEvents() {
        start(true);
        watched();
        awaitName("web");
        Eventually.within(SOON, "events followed", () -> daemon.followers() == 1);
        daemon.names.put(ID, "renamed");
        daemon.tell("rename", ID);
        awaitName("renamed");
    }

    @Test
    void eventsAreFollowedAnewAfterARestartAndWhatHappenedBetweenIsSeen() {
        start(true);
        watched();
        awaitName("web");
        Eventually.within(SOON, "events followed", () -> daemon.followers() == 1);
        daemon.names.put(ID, "renamed-in-between");
        daemon.hangUp();
        awaitName("renamed-in-between");
        Eventually.within(SOON, "events followed again", () -> daemon.followers() == 1);
    }

    @Test
    void forbiddenEventsLeaveTheNames() {
        start(true);
        daemon.mode = Mode.EVENTS_FORBIDDEN;
        watched();
        awaitName("web");
    }

    @Test
    void socketThatAppearsLaterIsUsed() {
        Path socket = directory.resolve("late.sock");
        names = new CachingDirectory(
                List.of(new DockerSource(
                        DockerEndpoints.of("unix://" + socket, Map.of(), Path.of("/")), DEADLINE, QUICK)),
                new Tuning(QUICK, SOON, SOON, 10));
        Eventually.within(SOON, "a reason", () -> find(ID).equals(new ContainerLookup.Unknown(Reason.UNAVAILABLE)));
        daemon = StubDaemon.unix(socket);
        daemon.names.put(ID, "web");
        awaitName("web");
    }

    @Test
    void reasonsTellHowToMend() {
        start(true);
        Path absent = directory.resolve("absent.sock");
        assertReason("unix://" + absent, "no socket unix://" + absent);
        assertReason("tcp://127.0.0.1:1", "is the daemon running?");
        daemon.mode = Mode.HANG;
        assertReason(daemon.address(), "does not answer");
        daemon.mode = Mode.FORBID_403;
        assertReason(daemon.address(), "socket proxy");
        daemon.mode = Mode.GARBAGE;
        assertReason(daemon.address(), "not Docker's API");
        assertReason("tcp://a-host.invalid:1", "UnknownHostException");
    }

    @Test
    void probeTellsTheDaemonAndTheVersion() throws Exception {
        start(true);
        source = source(Map.of());
        assertEquals("Docker Engine 20.10.24 at " + daemon.address() + ", API 1.41", source.probe());
    }

    private void assertReason(String host, String part) {
        try (DockerSource asked = new DockerSource(DockerEndpoints.of(host, Map.of(), Path.of("/")), DEADLINE, QUICK)) {
            LookupFailedException failure = assertThrows(LookupFailedException.class, asked::probe);
            assertTrue(failure.getMessage().contains(part), failure::getMessage);
        }
    }

    private void start(boolean unix) {
        daemon = unix ? StubDaemon.unix(directory.resolve("docker.sock")) : StubDaemon.tcp();
        daemon.names.put(ID, "web");
        source = null;
        names = null;
    }

    private DockerEndpoints endpoints() {
        return DockerEndpoints.of(daemon.address(), Map.of(), Path.of("/"));
    }

    private DockerSource source(Map<String, String> environment) {
        return new DockerSource(DockerEndpoints.of(daemon.address(), environment, Path.of("/")), DEADLINE, QUICK);
    }

    private void watched() {
        source = source(Map.of());
        names = new CachingDirectory(List.of(source), new Tuning(QUICK, SOON.multipliedBy(100), SOON, 100));
    }

    private String lookup() throws Exception {
        source = source(Map.of());
        return name();
    }

    private String name() throws LookupFailedException, InterruptedException {
        return source.lookup(ID).orElseThrow().name();
    }

    private ContainerDetails details() throws Exception {
        source = source(Map.of());
        return source.lookup(ID).orElseThrow();
    }

    private String lastRequest() {
        return daemon.requests.get(daemon.requests.size() - 1);
    }

    private ContainerLookup find(String id) {
        return names.find(new Workload.Container("docker", id, null, null));
    }

    private void awaitName(String name) {
        Eventually.within(
                SOON,
                name,
                () -> find(ID) instanceof ContainerLookup.Known known
                        && known.details().name().equals(name));
    }

    private void hang(int times) {
        for (int i = 0; i < times; i++) {
            LookupFailedException failure = assertThrows(LookupFailedException.class, () -> source.lookup(ID));
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

    /** Those of the source and of the directory. */
    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("docker-") || name.equals("container-names"))
                .count();
    }
}
