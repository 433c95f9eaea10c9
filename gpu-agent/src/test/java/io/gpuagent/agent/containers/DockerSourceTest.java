package io.gpuagent.agent.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.dockerjava.transport.DockerHttpClient.Request;
import io.gpuagent.agent.containers.CachingDirectory.Tuning;
import io.gpuagent.retry.Backoff;
import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.StubDaemon;
import io.gpuagent.testing.StubDaemon.Mode;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.ContainerLookup.Reason;
import io.gpuagent.workload.ContainerRuntime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DockerSourceTest extends StubbedDocker {

    /** The first lookup loads the client's classes, which on a busy machine takes longer than a test's deadline. */
    @BeforeEach
    void loadClient(@TempDir Path directory) throws Exception {
        try (StubDaemon daemon = StubDaemon.unix(directory.resolve("docker.sock"));
                DockerSource source = new DockerSource(
                        DockerEndpoints.of(daemon.address(), Map.of(), Path.of("/")), Duration.ofMinutes(1), QUICK)) {
            daemon.names.put(ID, "web");
            source.lookup(container(ID));
        }
    }

    @Test
    void theNewestCommonVersionIsUsed() throws Exception {
        for (int newest : List.of(40, 41, 44, 52)) {
            start(true);
            daemon.newest = newest;
            assertEquals("web", lookup());
            assertTrue(daemon.requests.contains("GET /version HTTP/1.1"));
            assertEquals("GET /v1." + Math.min(newest, 44) + "/containers/" + ID + "/json HTTP/1.1", lastRequest());
            opened.close();
        }
    }

    @Test
    void aDaemonThatRefusesAllKnownVersionsIsQueriedInItsOldest() throws Exception {
        start(true);
        daemon.oldest = 48;
        daemon.newest = 60;
        assertEquals("web", lookup());
        assertTrue(lastRequest().startsWith("GET /v1.48/"));
    }

    @Test
    void aRequiredVersionIsUsed() throws Exception {
        start(true);
        source = source(Map.of("DOCKER_API_VERSION", "1.30"));
        assertEquals("web", name());
        assertTrue(lastRequest().startsWith("GET /v1.30/"));
    }

    @Test
    void aRequiredVersionThatTheDaemonRefusesIsNamedInTheReason() {
        start(true);
        daemon.oldest = 44;
        daemon.newest = 52;
        source = source(Map.of("DOCKER_API_VERSION", "1.30"));
        LookupFailedException failure = assertThrows(LookupFailedException.class, this::name);
        assertTrue(failure.getMessage().contains("DOCKER_API_VERSION"), failure::getMessage);
    }

    @Test
    void theVersionIsNegotiatedAgainAfterADaemonUpgrade() throws Exception {
        start(true);
        assertEquals("web", lookup());
        daemon.oldest = 44;
        daemon.newest = 52;
        assertThrows(LookupFailedException.class, this::name);
        assertEquals("web", name());
        assertTrue(lastRequest().startsWith("GET /v1.44/"));
    }

    @Test
    void aRestartedDaemonIsNotAFailure() throws Exception {
        start(true);
        assertEquals("web", lookup());
        daemon.hangUp();
        assertEquals("web", name());
    }

    @Test
    void aFailureOfOneContainerIsNotOneOfTheDaemon() {
        start(true);
        daemon.mode = Mode.INSPECT_FAILS;
        assertFalse(assertThrows(LookupFailedException.class, this::lookup).affectsSource());
    }

    @Test
    void anUnreadableAnswerIsAFailureOfThisContainerAlone() throws Exception {
        start(true);
        assertEquals("web", lookup());
        daemon.answers.put(OTHER, new byte[] {'{', '"', (byte) 0xff, '"', '}'});
        LookupFailedException failure =
                assertThrows(LookupFailedException.class, () -> source.lookup(container(OTHER)));
        assertFalse(failure.affectsSource());
        daemon.mode = Mode.GARBAGE;
        assertTrue(assertThrows(LookupFailedException.class, this::name).affectsSource());
    }

    @ParameterizedTest
    @EnumSource(value = Mode.class, names = "ENDLESS_.*", mode = EnumSource.Mode.MATCH_ALL)
    void anEndlessAnswerIsAFailureAndIsNotReadToTheDeadline(Mode mode) {
        for (boolean unix : List.of(true, false)) {
            start(unix);
            daemon.mode = mode;
            source = opened.add(new DockerSource(endpoints(), Duration.ofSeconds(20), QUICK));
            LookupFailedException failure = assertThrows(LookupFailedException.class, this::name);
            assertEquals(LookupOutcome.ERROR, failure.outcome(), failure::getMessage);
            assertTrue(failure.getMessage().contains("too long")
                    || failure.getMessage().contains("longer than"));
            // with what the sockets' buffers hold
            assertTrue(daemon.flood.get() < 12L * DockerTransport.LONGEST_BODY, daemon.flood::toString);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "SHORT_BODY, EOFException: the answer ended early",
        "SHORT_CHUNK, EOFException: the answer ended early",
        "CLOSE, EOFException: the answer ended early",
        "SWITCHING_101, 'ProtocolException: the answer is not HTTP/1.1, or has an unexpected status'",
        "NOT_HTTP, 'ProtocolException: the answer is not HTTP/1.1, or has an unexpected status'"
    })
    void anAnswerThatIsCutOrIsNotHttpIsAFailure(Mode mode, String reason) {
        start(true);
        daemon.mode = mode;
        LookupFailedException failure = assertThrows(LookupFailedException.class, this::lookup);
        assertEquals(LookupOutcome.ERROR, failure.outcome());
        assertEquals(daemon.address() + ": " + reason, failure.getMessage());
    }

    @ParameterizedTest
    @EnumSource(value = Request.Method.class, names = "GET", mode = EnumSource.Mode.EXCLUDE)
    void requestsThatCouldChangeSomethingAreNotSent(Request.Method method) {
        start(true);
        Request request =
                Request.builder().method(method).path("/containers/prune").build();
        DockerTransport transport = new DockerTransport(endpoints().candidates().get(0), null);
        assertThrows(UnsupportedOperationException.class, () -> transport.execute(request));
        assertEquals(List.of(), daemon.requests);
    }

    @Test
    void anEventLongerThanAnyAnswerEndsTheStreamAndNamesAreStillFound() {
        start(true);
        openDirectory();
        awaitName("web");
        Eventually.within(SOON, "events followed", () -> daemon.followers() == 1);
        long before = streams();
        daemon.sendEvent("x".repeat(DockerTransport.LONGEST_BODY), ID);
        Eventually.within(SOON, "opened again", () -> streams() > before);
        daemon.names.put(ID, "renamed");
        Eventually.within(SOON, "events followed again", () -> daemon.followers() >= 1);
        daemon.sendEvent("rename", ID);
        awaitName("renamed");
    }

    private long streams() {
        return daemon.requests.stream().filter(line -> line.contains("/events")).count();
    }

    @Test
    void anEventStreamThatEndsAtOnceIsReopenedWithBackoff() {
        start(true);
        daemon.mode = Mode.EVENTS_END;
        source = new DockerSource(endpoints(), DEADLINE, new Backoff(Duration.ofMillis(50), Duration.ofSeconds(9)));
        names = opened.add(new CachingDirectory(List.of(source)));
        Eventually.pause(Duration.ofMillis(1000));
        long opened = streams();
        assertTrue(opened >= 2 && opened <= 5, () -> opened + " times");
    }

    @Test
    void aSlowDaemonIsWaitedFor() throws Exception {
        start(true);
        daemon.mode = Mode.SLOW;
        source = opened.add(new DockerSource(endpoints(), Duration.ofSeconds(2), QUICK));
        assertEquals("web", name());
    }

    @Test
    void detailsAreCompleteAndPodmanIsRecognisedByItsComponents() throws Exception {
        start(true);
        assertEquals(new ContainerDetails("web", ContainerRuntime.DOCKER, "bb:1", Map.of("a", "b"), null), details());
        start(true);
        daemon.engine = "Podman Engine";
        assertEquals(ContainerRuntime.PODMAN, details().runtime());
    }

    @Test
    void idsOfOtherRuntimesAreNotLookedUp() throws Exception {
        start(true);
        source = source(Map.of());
        for (String id : List.of("web", "../../info", ID.substring(0, 12), ID.toUpperCase(java.util.Locale.ROOT))) {
            assertTrue(source.lookup(container(id)).isEmpty());
        }
        assertEquals(List.of(), daemon.requests);
    }

    @Test
    void anUnknownIdIsNotFound() throws Exception {
        start(true);
        source = source(Map.of());
        assertTrue(source.lookup(container(OTHER)).isEmpty());
    }

    @Test
    void aRenameIsSeenThroughEvents() {
        start(true);
        openDirectory();
        awaitName("web");
        Eventually.within(SOON, "events followed", () -> daemon.followers() == 1);
        daemon.names.put(ID, "renamed");
        daemon.sendEvent("rename", ID);
        awaitName("renamed");
    }

    @Test
    void eventsAreFollowedAgainAfterARestartAndChangesInBetweenAreSeen() {
        start(true);
        openDirectory();
        awaitName("web");
        Eventually.within(SOON, "events followed", () -> daemon.followers() == 1);
        daemon.names.put(ID, "renamed-in-between");
        daemon.hangUp();
        awaitName("renamed-in-between");
        Eventually.within(SOON, "events followed again", () -> daemon.followers() == 1);
    }

    @Test
    void forbiddenEventsDoNotPreventNames() {
        start(true);
        daemon.mode = Mode.EVENTS_FORBIDDEN;
        openDirectory();
        awaitName("web");
    }

    @Test
    void aSocketThatAppearsLaterIsUsed() {
        Path socket = directory.resolve("late.sock");
        names = opened.add(new CachingDirectory(
                List.of(new DockerSource(
                        DockerEndpoints.of("unix://" + socket, Map.of(), Path.of("/")), DEADLINE, QUICK)),
                List.of(),
                new Tuning(QUICK, SOON, SOON, 10)));
        Eventually.within(SOON, "a reason", () -> find(ID).equals(new ContainerLookup.Unknown(Reason.UNAVAILABLE)));
        daemon = opened.add(StubDaemon.unix(socket));
        daemon.names.put(ID, "web");
        awaitName("web");
    }

    @Test
    void reasonsSayHowToFixTheFailure() throws Exception {
        start(true);
        Path absent = directory.resolve("absent.sock");
        assertReason("unix://" + absent, "unix://" + absent + ": socket does not exist");
        assertReason("tcp://127.0.0.1:1", "check that the daemon is running");
        daemon.mode = Mode.HANG;
        assertReason(daemon.address(), "timed out");
        daemon.mode = Mode.FORBID_403;
        assertReason(daemon.address(), "socket proxy");
        daemon.mode = Mode.GARBAGE;
        assertReason(daemon.address(), "not from Docker's API");
        assertReason("tcp://a-host.invalid:1", "UnknownHostException");
    }

    @Test
    void examinationReportsTheDaemonAndItsVersion() throws Exception {
        start(true);
        source = source(Map.of());
        PlaceStatus report = source.examine().get(0);
        assertEquals(PlaceStatus.State.ANSWERS, report.state());
        assertEquals("Docker Engine 20.10.24 at " + daemon.address() + ", API 1.41", report.text());
    }

    @Test
    void defaultPlacesWithoutADaemonAreAbsent() throws Exception {
        start(true);
        for (DockerEndpoints endpoints :
                List.of(DockerEndpoints.of("auto", Map.of(), directory), DockerEndpoints.podman(directory))) {
            try (DockerSource source = new DockerSource(endpoints, DEADLINE, QUICK)) {
                PlaceStatus report = source.examine().get(0);
                assertEquals(PlaceStatus.State.ABSENT, report.state(), report::toString);
            }
        }
    }

    private void assertReason(String host, String part) throws Exception {
        try (DockerSource source =
                new DockerSource(DockerEndpoints.of(host, Map.of(), Path.of("/")), DEADLINE, QUICK)) {
            PlaceStatus report = source.examine().get(0);
            assertEquals(PlaceStatus.State.FAILS, report.state());
            assertTrue(report.text().contains(part), report::text);
            LookupFailedException failure =
                    assertThrows(LookupFailedException.class, () -> source.lookup(container(ID)));
            assertTrue(failure.getMessage().contains(part), failure::getMessage);
        }
    }
}
