package io.gpuagent.agent.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.containers.ContainerSource;
import io.gpuagent.agent.containers.PlaceStatus;
import io.gpuagent.agent.containers.PlaceStatus.State;
import io.gpuagent.agent.doctor.Finding.Verdict;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Findings about the container runtimes. */
class RuntimesCheckTest {

    @TempDir
    private Path directory;

    @Test
    void runtimesThatAnswerAreOkAndAbsentOnesAreSummedUp() {
        assertEquals(
                List.of(
                        Finding.ok("docker", "Docker Engine 28.1 at tcp://1.2.3.4:2375, API 1.44 (3 ms)"),
                        Finding.ok("oci", "/run/runc: 3 containers (3 ms)"),
                        Finding.ok("runtimes", "none at unix:///a, storage")),
                RuntimesCheck.judge(
                        List.of("docker", "oci", "storage"),
                        Map.of(
                                "docker",
                                List.of(
                                        report("unix:///a", State.ABSENT, "socket does not exist"),
                                        report(
                                                "tcp://1.2.3.4:2375",
                                                State.ANSWERS,
                                                "Docker Engine 28.1 at tcp://1.2.3.4:2375, API 1.44")),
                                "oci",
                                List.of(report("/run/runc", State.ANSWERS, "3 containers")),
                                "storage",
                                List.of(report("storage", State.ABSENT, "no files")))));
    }

    @Test
    void aFailingRuntimeIsALimit() {
        List<Finding> findings = RuntimesCheck.judge(
                List.of("docker"),
                Map.of(
                        "docker",
                        List.of(report("unix:///a", State.FAILS, "unix:///a: permission denied: run as root"))));
        assertEquals(1, findings.size());
        assertEquals(Verdict.LIMITED, findings.get(0).verdict());
        assertEquals(
                "unix:///a: permission denied: run as root (3 ms)",
                findings.get(0).text());
        assertTrue(
                findings.get(0).fix().contains("shown by id"), findings.get(0).fix());
    }

    @Test
    void aNodeWithoutAnyRuntimeIsLimitedToIds() {
        List<Finding> findings = RuntimesCheck.judge(
                List.of("docker", "rootless"),
                Map.of("docker", List.of(report("unix:///a", State.ABSENT, "")), "rootless", List.of()));
        assertEquals(1, findings.size());
        assertEquals(Verdict.LIMITED, findings.get(0).verdict());
        assertEquals(
                "no container runtime found: containers are shown by id; tried unix:///a",
                findings.get(0).text());
    }

    @Test
    void aSilentSourceIsNamed() {
        Finding finding = RuntimesCheck.judge(List.of("docker"), Map.of()).get(0);
        assertEquals(Verdict.LIMITED, finding.verdict());
        assertEquals("docker", finding.check());
        assertEquals("timed out", finding.text());
    }

    @Test
    void disabledRuntimesAreNoLimit() {
        assertEquals(Verdict.OK, RuntimesCheck.judge(List.of(), Map.of()).get(0).verdict());
    }

    @Test
    void aSocketWithTwoPathsIsOnePlace() throws IOException {
        Path socket = Files.createFile(directory.resolve("docker.sock"));
        Path link = Files.createSymbolicLink(directory.resolve("link.sock"), socket);
        List<PlaceStatus> reports = List.of(
                report("unix://" + link, State.ANSWERS, "Engine at unix://" + link),
                report("unix://" + socket, State.ANSWERS, "Engine at unix://" + socket));
        List<Finding> findings = RuntimesCheck.judge(List.of("docker"), Map.of("docker", reports));
        assertEquals(List.of(Finding.ok("docker", "Engine at unix://" + link + " (3 ms)")), findings);
    }

    @Test
    @Timeout(20)
    void sourcesAreExaminedInParallel() throws InterruptedException {
        CountDownLatch both = new CountDownLatch(2);
        RuntimesCheck check = new RuntimesCheck(List.of(new Meeting("docker", both), new Meeting("podman", both)));
        check.run();
        assertEquals(
                List.of(Finding.ok("docker", "there: met (3 ms)"), Finding.ok("podman", "there: met (3 ms)")),
                check.findings());
    }

    /** A source that answers only after another source is queried too, so that sequential queries would never end. */
    private record Meeting(String name, CountDownLatch others) implements ContainerSource {

        @Override
        public Optional<ContainerDetails> lookup(Workload.Named owner) {
            return Optional.empty();
        }

        @Override
        public List<PlaceStatus> examine() throws InterruptedException {
            others.countDown();
            others.await();
            return List.of(report("there", State.ANSWERS, "met"));
        }

        @Override
        public void close() {}
    }

    private static PlaceStatus report(String place, State state, String text) {
        return new PlaceStatus(place, state, text, Duration.ofMillis(3));
    }
}
