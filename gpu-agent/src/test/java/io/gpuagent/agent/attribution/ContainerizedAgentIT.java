package io.gpuagent.agent.attribution;

import static io.gpuagent.testing.AgentProcess.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.AgentProcess;
import io.gpuagent.testing.ContainerizedAgent;
import io.gpuagent.testing.DockerDaemon;
import io.gpuagent.testing.HostProcess;
import io.gpuagent.testing.Opened;
import io.gpuagent.testing.Requirement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Attribution by an agent that runs in a container itself, next to the containers it reports. */
class ContainerizedAgentIT extends OneGpu {

    private static final String POD = "f69b516a-c807-11ea-b574-e8611f15cb84";
    private static final String NO_HOST_PID = "not the host's";

    private DockerDaemon docker;
    private String work;

    @Override
    Set<Requirement> needs() {
        return DockerDaemon.NEEDS;
    }

    @BeforeEach
    void listAProcessOfTheOtherContainer(Opened opened) {
        docker = opened.shared(DockerDaemon.class, DockerDaemon::start);
        work = opened.shared(String.class, () -> docker.run("work"));
        play("proc 0 pid=" + docker.pid(work) + " mem=1G");
    }

    @Test
    void inTheHostsPidNamespaceOtherContainersAreAttributed() {
        try (ContainerizedAgent agent = serve(List.of("--pid=host"))) {
            assertAttributed(awaitName(agent));
            assertFalse(agent.log().contains(NO_HOST_PID), agent.log());
        }
    }

    @Test
    void aPrivatePidNamespaceIsReportedOnceAndNothingIsAttributed() {
        // In the agent's pid namespace, pid 1 is the agent. In the driver's list, it is a process of the host.
        String[] processes = {"proc 0 pid=" + docker.pid(work) + " mem=1G", "proc 0 pid=1 mem=5M"};
        play(processes);
        try (ContainerizedAgent agent = serve(List.of())) {
            String page = awaitHidden(agent, 2);
            assertEquals((1024 + 5 + 11) * MIB, value(page, "gpu_memory_unattributed_bytes"));
            assertFalse(page.contains(MEMORY + "{"), page);
            assertFalse(page.contains("used_gpu_memory{"), page);

            // The second GPU makes the agent log another message in between.
            play("device 1 uuid=GPU-1 mem_total=8G");
            awaitHidden(agent, 0);
            play(processes);
            awaitHidden(agent, 2);
            assertEquals(1, agent.log().split(NO_HOST_PID, -1).length - 1, agent.log());
            assertTrue(agent.log().contains("--path.procfs"), agent.log());
        }
    }

    @Test
    void theHostsProcMayBeMountedElsewhere() {
        try (ContainerizedAgent agent = serve(List.of("--volume=/proc:/host/proc:ro"), "--path.procfs=/host/proc")) {
            assertAttributed(awaitName(agent));
            assertFalse(agent.log().contains(NO_HOST_PID), agent.log());
        }
    }

    @Test
    void aPrivateCgroupNamespaceHidesNoContainerAndInventsNone() {
        try (HostProcess lone = HostProcess.start();
                ContainerizedAgent agent = serve(List.of("--pid=host", "--cgroupns=private"))) {
            String seen = agent.busybox("cat", "/proc/" + docker.pid(work) + "/cgroup");
            assertTrue(seen.contains(":/../" + work), seen);
            play("proc 0 pid=" + docker.pid(work) + " mem=1G", "proc 0 pid=" + lone.pid() + " mem=7M");
            String page =
                    agent.metrics(START, "the host's process", text -> value(text, MEMORY, "\"sleep\"") == 7 * MIB);
            assertAttributed(awaitName(agent));
            assertEquals(7 * MIB, value(page, MEMORY, "kind=\"process\"", "workload=\"sleep\"", "container_id=\"\""));
        }
    }

    @Test
    void aPodIsRecognisedFromTheCgroupNamespaceOfAnotherPod() {
        String inPod = docker.run("in-pod", "--cgroup-parent=/kubepods/burstable/pod" + POD);
        play("proc 0 pid=" + docker.pid(inPod) + " mem=1G");
        String own = "--cgroup-parent=/kubepods/burstable/pod" + POD.replace('f', 'e');
        try (ContainerizedAgent agent = serve(List.of("--pid=host", "--cgroupns=private", own))) {
            String page = agent.metrics(START, "the name", text -> text.contains("container_name=\"in-pod\""));
            assertEquals(1.0, value(page, "gpu_workload_info", "\"" + inPod + "\"", "pod_uid=\"" + POD + "\""));
        }
    }

    @Test
    void anAgentWithoutRootAttributesAndReportsWhyItHasNoNames() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (ContainerizedAgent agent = serve(List.of("--pid=host", "--user=65534:65534", "--cap-drop=ALL"))) {
            String page = agent.metrics(
                    START, "no names", text -> value(text, "gpu_agent_unnamed_workloads", "unavailable") == 1);
            assertEquals(1024 * MIB, value(page, MEMORY, "kind=\"container\"", "\"" + work + "\""));
            assertTrue(agent.log().contains("docker.sock: permission denied"), agent.log());
        }
    }

    @Test
    void theDoctorReportsThePidNamespaceAndItsFix() {
        AgentProcess.Result broken = ContainerizedAgent.run(docker, fake, withSocket(List.of()), "doctor");
        assertEquals(1, broken.status(), broken.out());
        assertTrue(broken.out().contains(NO_HOST_PID) && broken.out().contains("--pid=host"), broken.out());

        AgentProcess.Result fixed = ContainerizedAgent.run(docker, fake, withSocket(List.of("--pid=host")), "doctor");
        assertEquals(0, fixed.status(), fixed.out());
        assertFalse(fixed.out().contains(NO_HOST_PID), fixed.out());
    }

    private void assertAttributed(String page) {
        String container = "container=\"work\"";
        assertEquals(
                1024 * MIB,
                value(page, MEMORY, "kind=\"container\"", "workload=\"work\"", container, "\"" + work + "\""));
        assertEquals(1024 * MIB, value(page, "used_gpu_memory", "container_name=\"work\""));
        assertEquals(11 * MIB, value(page, "gpu_memory_unattributed_bytes"));
        assertEquals(0.0, value(page, "gpu_agent_unresolved_processes", "no_host_pid"));
    }

    private static String awaitName(ContainerizedAgent agent) {
        return agent.metrics(START, "the name", text -> text.contains("container_name=\"work\""));
    }

    private static String awaitHidden(ContainerizedAgent agent, int processes) {
        return agent.metrics(
                START,
                processes + " hidden processes",
                text -> value(text, "gpu_agent_unresolved_processes", "no_host_pid") == processes);
    }

    private ContainerizedAgent serve(List<String> options, String... flags) {
        return ContainerizedAgent.serve(docker, fake, withSocket(options), flags);
    }

    private List<String> withSocket(List<String> options) {
        List<String> all = new ArrayList<>(options);
        all.add("--volume=" + docker.socket() + ":/var/run/docker.sock");
        return all;
    }
}
