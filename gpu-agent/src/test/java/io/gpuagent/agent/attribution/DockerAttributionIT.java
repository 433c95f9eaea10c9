package io.gpuagent.agent.attribution;

import static io.gpuagent.testing.AgentProcess.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.DockerDaemon;
import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.HostProcess;
import io.gpuagent.testing.Opened;
import io.gpuagent.testing.Requirement;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Attribution of processes in containers of a real dockerd, with the real /proc and a stand-in library that is called
 * through the real JNI.
 */
@Tag("alone")
class DockerAttributionIT extends OneGpu {

    private static final String POD = "f69b516a-c807-11ea-b574-e8611f15cb84";

    private DockerDaemon docker;

    @Override
    Set<Requirement> needs() {
        return DockerDaemon.NEEDS;
    }

    @BeforeEach
    void startAgent(Opened opened) {
        docker = opened.shared(DockerDaemon.class, DockerDaemon::start);
        opened.add(docker::removeAll);
        serve("--docker.host=" + docker.address(), "--collect.processes");
    }

    @Test
    void containersHaveTheirNamesIdsPodAndExactBytes() {
        String inPod = docker.run("ivw-1014", "--cgroup-parent=/kubepods/burstable/pod" + POD);
        String plain = docker.run("ivws-channels");
        try (HostProcess third = HostProcess.start().into(docker.pid(plain));
                HostProcess lone = HostProcess.start();
                HostProcess ended = HostProcess.start().end()) {
            play(
                    "proc 0 pid=" + docker.pid(inPod) + " mem=835M",
                    "proc 0 pid=" + docker.pid(plain) + " mem=1933M",
                    "proc 0 pid=" + third.pid() + " mem=100M",
                    "proc 0 pid=" + lone.pid() + " mem=7M",
                    "proc 0 pid=" + ended.pid() + " mem=5M");

            String page = await(
                    "both names",
                    text -> text.contains("container_name=\"ivw-1014\"")
                            && text.contains("container_name=\"ivws-channels\"")
                            && value(text, "gpu_agent_unresolved_processes", "exited") == 1);
            assertEquals(
                    835 * MIB,
                    value(page, MEMORY, "workload=\"ivw-1014\"", "container=\"ivw-1014\"", "\"" + inPod + "\""));
            assertEquals(2033 * MIB, value(page, MEMORY, "workload=\"ivws-channels\"", "\"" + plain + "\""));
            assertEquals(2.0, value(page, "gpu_workload_processes", "workload=\"ivws-channels\""));
            assertEquals(
                    1.0,
                    value(
                            page,
                            "gpu_workload_info",
                            "\"" + inPod + "\"",
                            "pod_uid=\"" + POD + "\"",
                            "qos=\"burstable\""));
            assertEquals(7 * MIB, value(page, MEMORY, "kind=\"process\"", "workload=\"sleep\""));
            assertEquals(16 * MIB, value(page, "gpu_memory_unattributed_bytes"));
            assertEquals(100 * MIB, value(page, "gpu_process_memory_bytes", "pid=\"" + third.pid() + "\""));
            assertTrue(
                    page.contains("used_gpu_memory{container_name=\"ivw-1014\",gpu=\"0\",container_id=\""
                            + inPod.substring(0, 12) + "\",unit=\"bytes\",} 8.7556096E8\n"),
                    page);
        }
    }

    @Test
    void aRenamedContainerIsFollowed() {
        String id = docker.run("before");
        play("proc 0 pid=" + docker.pid(id) + " mem=1G");
        await("the first name", text -> named(text, "before", id));
        String page = agent.metricsWithinTwoSamples(
                "the new name", () -> docker.docker("rename", "before", "after"), text -> named(text, "after", id));
        assertFalse(named(page, "before", id));
    }

    @Test
    void aContainerRecreatedUnderItsNameIsAnotherContainer() {
        String first = docker.run("again");
        play("proc 0 pid=" + docker.pid(first) + " mem=1G");
        await("the first container", text -> named(text, "again", first));
        docker.docker("rm", "-f", "again");
        String second = docker.run("again");
        String list = "proc 0 pid=" + docker.pid(second) + " mem=2G";
        String page = agent.metricsWithinTwoSamples(
                "the second container", () -> play(list), text -> named(text, "again", second));
        assertFalse(named(page, "again", first));
        assertEquals(2.0 * (1 << 30), value(page, "used_gpu_memory", "container_name=\"again\""));
    }

    @Test
    void aReusedPidNeverInheritsAnOwner() {
        String one = docker.run("one");
        String other = docker.run("other");
        try (HostProcess first = HostProcess.start().into(docker.pid(one))) {
            play("proc 0 pid=" + first.pid() + " mem=1G");
            await("the first container", text -> named(text, "one", one));
            first.end();
            try (HostProcess second = HostProcess.withPid(first.pid()).into(docker.pid(other))) {
                assertEquals(first.pid(), second.pid());
                String page = agent.metricsWithinTwoSamples(
                        "the other container", () -> {}, text -> named(text, "other", other));
                assertFalse(named(page, "one", one));
            }
        }
    }

    @Test
    void namesStayWhileDockerIsDown() {
        String id = docker.run("steady");
        try (HostProcess process = HostProcess.start().into(docker.pid(id))) {
            play("proc 0 pid=" + process.pid() + " mem=1G");
            await("the name", text -> named(text, "steady", id));
            docker.stop();
            Eventually.pause(Duration.ofSeconds(3));
            assertTrue(named(agent.metrics(), "steady", id), agent.metrics());
            docker.restart();
        }
    }
}
