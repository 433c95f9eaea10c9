package io.gpuagent.agent.attribution;

import static io.gpuagent.testing.AgentProcess.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.Opened;
import io.gpuagent.testing.PodmanService;
import io.gpuagent.testing.Requirement;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Attribution with containers of a real Podman, named through its service and from its files. */
class PodmanIT extends OneGpu {

    /**
     * Time limit for a change that arrives as an event. Without events, the service is queried again only after
     * minutes.
     */
    private static final Duration FOLLOWED = Duration.ofSeconds(10);
    /** Files cause no events and are re-read every 15 s. */
    private static final Duration READ_AGAIN = Duration.ofSeconds(30);

    private static final String IMAGE = "image=\"" + PodmanService.IMAGE + "\"";

    private PodmanService podman;

    @Override
    Set<Requirement> needs() {
        return PodmanService.NEEDS;
    }

    @BeforeEach
    void startAgent(Opened opened) {
        podman = opened.shared(PodmanService.class, PodmanService::start);
        opened.add(podman::removeAll);
        serve("--docker.host=" + podman.address(), "--oci.bundles=off");
    }

    @Test
    void aContainerIsNamedByTheServiceAndConmonIsNotPartOfIt() {
        String id = podman.run("trainer");
        play(
                "proc 0 pid=" + podman.pid("trainer") + " mem=835M",
                "proc 0 pid=" + podman.conmonPid("trainer") + " mem=3M");

        String page = await("the name", text -> named(text, "trainer", id));
        assertEquals(
                835 * MIB,
                value(
                        page,
                        MEMORY,
                        "kind=\"container\"",
                        "workload=\"trainer\"",
                        "container=\"trainer\"",
                        "\"" + id + "\""));
        assertEquals(1.0, value(page, "gpu_workload_processes", "workload=\"trainer\""));
        assertEquals(3 * MIB, value(page, MEMORY, "kind=\"process\"", "workload=\"conmon\"", "container_id=\"\""));
        assertEquals(1.0, value(page, "gpu_workload_info", "\"" + id + "\"", "runtime=\"podman\"", IMAGE));
        assertTrue(
                page.contains("used_gpu_memory{container_name=\"trainer\",gpu=\"0\",container_id=\""
                        + id.substring(0, 12) + "\",unit=\"bytes\",} 8.7556096E8\n"),
                page);
        assertEquals(
                1,
                page.lines().filter(line -> line.startsWith("used_gpu_memory{")).count());
    }

    @Test
    void theWorkloadIsTheContainerNotItsPod() {
        String pod = podman.pod("vision");
        String id = podman.run("worker", "--pod=vision");
        play("proc 0 pid=" + podman.pid("worker") + " mem=1G");
        String page = await("the name", text -> named(text, "worker", id));
        assertFalse(page.contains(pod), page);
    }

    @Test
    void namesStayWhileTheServiceIsDown() {
        String id = podman.run("steady");
        play("proc 0 pid=" + podman.pid("steady") + " mem=1G");
        await("the name", text -> named(text, "steady", id));
        podman.stopService();
        try {
            Eventually.pause(Duration.ofSeconds(3));
            assertTrue(named(agent.metrics(), "steady", id), agent.metrics());
        } finally {
            podman.startService();
        }
    }

    @Test
    void aRenamedContainerIsFollowed() {
        String id = podman.run("before");
        play("proc 0 pid=" + podman.pid("before") + " mem=1G");
        await("the first name", text -> named(text, "before", id));
        podman.podman("rename", "before", "after");
        String page = agent.metrics(FOLLOWED, "the new name", text -> named(text, "after", id));
        assertFalse(named(page, "before", id));
    }

    @Test
    void aContainerRecreatedUnderItsNameIsAnotherContainer() {
        String first = podman.run("again");
        play("proc 0 pid=" + podman.pid("again") + " mem=1G");
        await("the first container", text -> named(text, "again", first));
        podman.podman("rm", "-f", "-t", "0", "again");
        String second = podman.run("again");
        assertNotEquals(first, second);
        play("proc 0 pid=" + podman.pid("again") + " mem=2G");
        String page = agent.metrics(FOLLOWED, "the second container", text -> named(text, "again", second));
        assertFalse(named(page, "again", first));
        assertEquals(2048 * MIB, value(page, "used_gpu_memory", "container_name=\"again\""));
    }

    @Test
    void filesAloneNameContainersAndFollowRenames() {
        String id = podman.run("before");
        String brief = podman.run("brief", "--rm");
        podman.pod("vision");
        String inPod = podman.run("worker", "--pod=vision");
        play(
                "proc 0 pid=" + podman.pid("before") + " mem=1G",
                "proc 0 pid=" + podman.pid("brief") + " mem=2G",
                "proc 0 pid=" + podman.pid("worker") + " mem=3G");
        agent.close();
        serve("--docker.host=off", "--oci.bundles=" + podman.containers() + "," + podman.volatileContainers());

        String page = await(
                "three names",
                text -> named(text, "before", id) && named(text, "brief", brief) && named(text, "worker", inPod));
        assertEquals(1.0, value(page, "gpu_workload_info", "\"" + id + "\"", IMAGE));
        podman.podman("rename", "before", "after");
        page = agent.metrics(READ_AGAIN, "the new name", text -> named(text, "after", id));
        assertFalse(named(page, "before", id));
        assertEquals(1.0, value(page, "gpu_workload_info", "\"" + id + "\"", IMAGE));
    }

    @Test
    void serviceAndFilesAreFoundInTheirUsualPlaces() {
        String first = podman.run("first");
        play("proc 0 pid=" + podman.pid("first") + " mem=1G");
        agent.close();
        serve("--path.rootfs=" + podman.rootfs());
        await("the service's name", text -> named(text, "first", first) && found(text, "podman") >= 1);
        podman.stopService();
        try {
            String second = podman.run("second");
            play("proc 0 pid=" + podman.pid("second") + " mem=1G");
            await("the files' name", text -> named(text, "second", second) && found(text, "storage") >= 1);
        } finally {
            podman.startService();
        }
    }

    private static double found(String page, String source) {
        return value(page, "gpu_agent_container_lookups_total", "source=\"" + source + "\"", "outcome=\"found\"");
    }
}
