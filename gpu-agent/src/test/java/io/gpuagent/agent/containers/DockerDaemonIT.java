package io.gpuagent.agent.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.DockerDaemon;
import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.Opened;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerDetails.KubernetesNames;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.ContainerLookup.Reason;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The container directory with the Docker source against a real dockerd. */
@ExtendWith(Opened.Scope.class)
class DockerDaemonIT {

    private static final Duration RENAMED = Duration.ofSeconds(2);
    private static final Duration NAMED = Duration.ofSeconds(5);
    private static final Duration BACK = Duration.ofSeconds(35);

    private DockerDaemon daemon;
    private CachingDirectory directory;

    @BeforeEach
    void open(Opened opened) {
        daemon = opened.shared(DockerDaemon.class, DockerDaemon::start);
        directory = opened.add(new CachingDirectory(
                List.of(new DockerSource(DockerEndpoints.of(daemon.address(), Map.of(), Path.of("/")))),
                List.of("team")));
    }

    @Test
    void nameImageAndLabelsComeFromTheEngine() {
        String id = daemon.run("speech", "--label", "team=asr", "--label", "other=x", "--cgroup-parent", "/own");
        awaitName(id, "speech", NAMED);
        assertEquals(
                new ContainerDetails(
                        "speech", ContainerRuntime.DOCKER, DockerDaemon.IMAGE, Map.of("team", "asr"), null),
                details(id));
    }

    @Test
    void kubernetesLabelsBecomeKubernetesNames() {
        String id = daemon.run(
                "k8s_ivw_ivw-1014_speech_uid_0",
                "--label=io.kubernetes.pod.name=ivw-1014",
                "--label=io.kubernetes.pod.namespace=speech",
                "--label=io.kubernetes.container.name=ivw");
        awaitName(id, "k8s_ivw_ivw-1014_speech_uid_0", NAMED);
        assertEquals(
                new KubernetesNames("speech", "ivw-1014", "ivw"), details(id).kubernetes());
    }

    @Test
    void aRenameIsSeenWithinTwoSeconds() {
        String id = daemon.run("before");
        awaitName(id, "before", NAMED);
        awaitEvents();
        daemon.docker("rename", "before", "after");
        awaitName(id, "after", RENAMED);
    }

    @Test
    void aRemovedContainerKeepsItsNameAndItsSuccessorGetsTheSameName() {
        String first = daemon.run("phoenix");
        awaitName(first, "phoenix", NAMED);
        daemon.docker("rm", "-f", "phoenix");
        String second = daemon.run("phoenix");
        assertNotEquals(first, second);
        awaitName(second, "phoenix", NAMED);
        assertEquals("phoenix", name(first));
    }

    @Test
    void anIdWithoutAContainerIsNotFound() {
        Eventually.within(
                NAMED, "not found", () -> find("ab".repeat(32)).equals(new ContainerLookup.Unknown(Reason.NOT_FOUND)));
    }

    @Test
    void namesOutliveTheDaemonAndNewContainersAreNamedWhenItIsBack() {
        String known = daemon.run("survivor");
        awaitName(known, "survivor", NAMED);
        daemon.stop();
        Eventually.within(
                NAMED,
                "unavailable",
                () -> find("cd".repeat(32)).equals(new ContainerLookup.Unknown(Reason.UNAVAILABLE)));
        assertEquals("survivor", name(known));
        daemon.restart();
        String made = daemon.run("newcomer");
        awaitName(made, "newcomer", BACK);
        assertEquals("survivor", name(known));
    }

    @Test
    void everyNegotiatedApiVersionIsUnderstood() throws Exception {
        String id = daemon.run("versions");
        for (String version : List.of("1.24", "1.30", "1.41")) {
            DockerEndpoints endpoints =
                    DockerEndpoints.of(daemon.address(), Map.of("DOCKER_API_VERSION", version), Path.of("/"));
            try (DockerSource source = new DockerSource(endpoints)) {
                assertEquals(
                        "versions",
                        source.lookup(new Workload.Container(null, id, null, null))
                                .orElseThrow()
                                .name());
                String text = source.examine().get(0).text();
                assertTrue(text.endsWith("API " + version), text);
            }
        }
    }

    @Test
    void namesOfOneHundredContainersTakeLessThanTwoSeconds() {
        List<String> ids = IntStream.range(0, 100)
                .mapToObj(
                        i -> daemon.docker("create", "--network", "none", "--name", "c" + i, DockerDaemon.IMAGE, "sh"))
                .toList();
        ids.forEach(this::find);
        Eventually.within(
                Duration.ofSeconds(2),
                "all containers are named",
                () -> ids.stream().allMatch(id -> find(id) instanceof ContainerLookup.Known));
    }

    /** A rename that happens before the event stream is open is only seen by the next lookup. */
    private void awaitEvents() {
        Eventually.pause(Duration.ofSeconds(1));
    }

    private ContainerLookup find(String id) {
        return directory.find(new Workload.Container(ContainerRuntime.DOCKER, id, null, null));
    }

    private ContainerDetails details(String id) {
        return ((ContainerLookup.Known) find(id)).details();
    }

    private String name(String id) {
        return find(id) instanceof ContainerLookup.Known known ? known.details().name() : "?";
    }

    private void awaitName(String id, String name, Duration limit) {
        Eventually.within(limit, id + " is " + name, () -> name(id).equals(name));
    }
}
