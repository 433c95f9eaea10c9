package io.gpuagent.agent.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.containers.CachingDirectory.Tuning;
import io.gpuagent.retry.Backoff;
import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.Opened;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.ContainerLookup.Reason;
import io.gpuagent.workload.Workload;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Opened.Scope.class)
class CachingDirectoryTest {

    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Backoff QUICK = new Backoff(Duration.ofMillis(20), Duration.ofMillis(80));
    private static final Tuning PATIENT = new Tuning(new Backoff(LONG, LONG), LONG, LONG, 1000);
    private static final Tuning USUAL = new Tuning(QUICK, LONG, LONG, 100);
    private static final Duration SOON = Duration.ofSeconds(2);

    private final FakeSource docker = new FakeSource("docker");
    private final FakeSource bundles = new FakeSource("oci");
    private Opened opened;
    private CachingDirectory directory;

    @BeforeEach
    void open(Opened opened) {
        this.opened = opened;
        directory = over(USUAL, docker);
    }

    @Test
    void aFirstLookupIsPendingAndTheNameFollows() {
        docker.names.put("a", "web");
        assertEquals(new ContainerLookup.Unknown(Reason.PENDING), find("a"));
        awaitName("a", "web");
    }

    @Test
    void withoutSourcesNamesAreOff() {
        directory = over(Tuning.DEFAULT);
        assertEquals(new ContainerLookup.Unknown(Reason.OFF), find("a"));
    }

    @Test
    void aNameOnceFoundIsNotLookedUpAgain() {
        name("a", "web");
        Eventually.pause(Duration.ofMillis(200));
        find("a");
        assertEquals(List.of("a"), docker.lookups);
    }

    @Test
    void aContainerCreatedAfterItsIdWasSeenIsFound() {
        awaitReason("a", Reason.NOT_FOUND);
        name("a", "late");
    }

    @Test
    void aCreationEventBringsTheNameAtOnce() {
        directory = over(PATIENT, docker);
        awaitReason("a", Reason.NOT_FOUND);
        docker.names.put("a", "late");
        docker.changes.changed("a");
        awaitName("a", "late");
    }

    @Test
    void anUnknownIdIsLookedUpAtDoublingIntervals() {
        find("a");
        Eventually.pause(Duration.ofMillis(500));
        assertTrue(docker.lookups.size() >= 3 && docker.lookups.size() <= 9, docker.lookups::toString);
    }

    @Test
    void aRenamedContainerIsFollowed() {
        name("a", "old");
        docker.names.put("a", "new");
        docker.changes.changed("a");
        awaitName("a", "new");
    }

    @Test
    void aRenameDuringALookupIsNotLost() {
        docker.names.put("a", "old");
        synchronized (docker.gate) {
            find("a");
            Eventually.within(SOON, "first lookup", () -> docker.lookups.size() == 1);
            docker.names.put("a", "new");
            docker.changes.changed("a");
        }
        awaitName("a", "new");
    }

    @Test
    void aRenameWhoseEventWasLostIsFoundByTheRecheck() {
        directory = over(new Tuning(QUICK, Duration.ofMillis(50), LONG, 100), docker);
        name("a", "old");
        name("a", "new");
    }

    @Test
    void aNameStaysWhenTheContainerIsRemoved() {
        name("a", "web");
        docker.names.clear();
        docker.changes.changed("a");
        Eventually.within(SOON, "looked up again", () -> docker.lookups.size() == 2);
        stays("a", "web");
    }

    @Test
    void aNameStaysWhenItsSourceFailsAndIsLookedUpAgainWhenTheSourceRecovers() {
        name("a", "web");
        docker.failure = FakeSource.down();
        docker.changes.returned();
        Eventually.within(SOON, "looked up again", () -> docker.lookups.size() >= 2);
        stays("a", "web");
        docker.names.put("a", "renamed");
        docker.failure = null;
        docker.changes.returned();
        awaitName("a", "renamed");
    }

    @Test
    void aFailingSourceIsQueriedOnceHoweverManyContainersWait() {
        directory = over(PATIENT, docker);
        docker.failure = FakeSource.down();
        IntStream.range(0, 250).forEach(i -> find("c" + i));
        awaitReason("c249", Reason.UNAVAILABLE);
        assertEquals(1, docker.lookups.size());
        assertTrue(isCounted(LookupOutcome.TIMEOUT, 1));
    }

    @Test
    void aRecoveredSourceNamesAllContainers() {
        docker.failure = FakeSource.down();
        IntStream.range(0, 50).forEach(i -> find("c" + i));
        awaitReason("c49", Reason.UNAVAILABLE);
        IntStream.range(0, 50).forEach(i -> docker.names.put("c" + i, "n" + i));
        docker.failure = null;
        IntStream.range(0, 50).forEach(i -> awaitName("c" + i, "n" + i));
    }

    @Test
    void oneBrokenContainerDoesNotCostTheOthersTheirNames() {
        directory = over(PATIENT, docker);
        docker.failure = FakeSource.failingForOne();
        docker.failsFor = "broken"::equals;
        awaitReason("broken", Reason.UNAVAILABLE);
        name("a", "web");
    }

    @Test
    void aContainerThatHangsItsSourceIsRetriedAfterThoseThatWait() {
        Backoff slow = new Backoff(Duration.ofMillis(300), LONG);
        directory = over(new Tuning(slow, LONG, LONG, 100), docker);
        docker.failure = FakeSource.down();
        docker.failsFor = "stuck"::equals;
        find("stuck");
        Eventually.within(SOON, "looked up", () -> docker.lookups.size() == 1);
        IntStream.range(0, 20).forEach(i -> docker.names.put("c" + i, "n" + i));
        IntStream.range(0, 20).forEach(i -> find("c" + i));
        IntStream.range(0, 20).forEach(i -> awaitName("c" + i, "n" + i));
        assertFalse(docker.lookups.subList(1, 21).contains("stuck"), docker.lookups::toString);
    }

    @Test
    void aBugInASourceIsAnErrorAndLookupsContinue() {
        docker.bug = new IllegalStateException("bug");
        awaitReason("a", Reason.UNAVAILABLE);
        assertFalse(isCounted(LookupOutcome.ERROR, 0));
        docker.bug = null;
        name("a", "web");
    }

    @Test
    void theFirstSourceThatKnowsAContainerNamesIt() {
        directory = over(USUAL, bundles, docker);
        bundles.names.put("a", "from-bundle");
        docker.names.put("a", "from-docker");
        docker.names.put("b", "only-docker");
        awaitName("a", "from-bundle");
        awaitName("b", "only-docker");
    }

    @Test
    void aSilentSourceDoesNotHideAnother() {
        directory = over(USUAL, docker, bundles);
        docker.failure = FakeSource.down();
        bundles.names.put("a", "from-bundle");
        awaitName("a", "from-bundle");
        awaitReason("b", Reason.UNAVAILABLE);
    }

    @Test
    void aLaterSourceDoesNotRenameAContainerOfASilentSource() {
        directory = over(USUAL, docker, bundles);
        docker.names.put("a", "from-docker");
        bundles.names.put("a", "from-bundle");
        awaitName("a", "from-docker");
        docker.failure = FakeSource.down();
        docker.changes.changed("a");
        Eventually.within(SOON, "looked up again", () -> !bundles.lookups.isEmpty());
        stays("a", "from-docker");
    }

    @Test
    void aLaterSourceRenamesItsOwnContainersWhileAnEarlierSourceIsSilent() {
        directory = over(USUAL, docker, bundles);
        docker.failure = FakeSource.down();
        bundles.names.put("a", "old");
        awaitName("a", "old");
        bundles.names.put("a", "new");
        bundles.changes.changed("a");
        awaitName("a", "new");
    }

    @Test
    void anIdThatIsNoLongerLookedUpIsForgotten() {
        directory = over(new Tuning(QUICK, LONG, Duration.ofMillis(150), 100), docker);
        name("a", "web");
        Eventually.pause(Duration.ofMillis(400));
        assertEquals(new ContainerLookup.Unknown(Reason.PENDING), find("a"));
    }

    @Test
    void memoryIsBoundedAndTheLeastRecentlyUsedIdIsDropped() {
        directory = over(new Tuning(QUICK, LONG, LONG, 10), docker);
        IntStream.range(0, 11).forEach(i -> docker.names.put("c" + i, "n" + i));
        IntStream.range(0, 10).forEach(i -> awaitName("c" + i, "n" + i));
        find("c0");
        awaitName("c10", "n10");
        assertEquals("n0", name("c0"));
        assertEquals(new ContainerLookup.Unknown(Reason.PENDING), find("c1"));
    }

    @Test
    void everyOutcomeIsCountedFromZero() {
        name("a", "web");
        assertEquals(LookupOutcome.values().length, directory.lookups().size());
        assertTrue(isCounted(LookupOutcome.FOUND, 1));
        assertTrue(isCounted(LookupOutcome.REJECTED, 0));
    }

    @Test
    void aClosedDirectoryStillReturnsKnownNames() {
        name("a", "web");
        directory.close();
        assertTrue(docker.closed);
        assertEquals("web", name("a"));
        assertEquals(new ContainerLookup.Unknown(Reason.PENDING), find("b"));
    }

    private CachingDirectory over(Tuning tuning, ContainerSource... sources) {
        opened.close();
        return opened.add(new CachingDirectory(List.of(sources), List.of("a", "team"), tuning));
    }

    private boolean isCounted(LookupOutcome outcome, long count) {
        return directory.lookups().contains(new LookupCount("docker", outcome, count));
    }

    private ContainerLookup find(String id) {
        return directory.find(new Workload.Container(null, id, null, null));
    }

    private String name(String id) {
        return find(id) instanceof ContainerLookup.Known known ? known.details().name() : "?";
    }

    /** Gives the container a name and waits until the directory returns it. */
    private void name(String id, String name) {
        docker.names.put(id, name);
        awaitName(id, name);
    }

    private void awaitName(String id, String name) {
        Eventually.within(SOON, id + " is " + name, () -> name(id).equals(name));
    }

    private void awaitReason(String id, Reason reason) {
        Eventually.within(SOON, id + " " + reason, () -> find(id).equals(new ContainerLookup.Unknown(reason)));
    }

    private void stays(String id, String name) {
        for (int i = 0; i < 20; i++) {
            assertEquals(name, name(id));
            Eventually.pause(Duration.ofMillis(10));
        }
    }
}
