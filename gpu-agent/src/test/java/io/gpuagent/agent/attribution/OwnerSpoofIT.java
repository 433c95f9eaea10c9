package io.gpuagent.agent.attribution;

import static io.gpuagent.testing.AgentProcess.value;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gpuagent.testing.DockerDaemon;
import io.gpuagent.testing.Exposition;
import io.gpuagent.testing.HostProcess;
import io.gpuagent.testing.Opened;
import io.gpuagent.testing.Requirement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A local user tries to charge GPU use to another user's container, with real namespaces, cgroups and a real dockerd. */
@Tag("alone")
class OwnerSpoofIT extends OneGpu {

    /** The cgroups that the tests create, at the places where root's managers do. */
    private static final List<String> CREATED = List.of(
            "user.slice/user-4242.slice",
            "system.slice/slurmstepd.scope/job_424242",
            "system.slice/htcondor/condor_x_slot4242_1",
            "system.slice/gpu-agent-spoof.service",
            "lxc/gpu-agent-spoof");

    private DockerDaemon docker;
    private String victim;

    @Override
    Set<Requirement> needs() {
        return DockerDaemon.NEEDS;
    }

    @BeforeEach
    void startVictim(Opened opened) {
        HostProcess.requireCgroups();
        docker = opened.shared(DockerDaemon.class, DockerDaemon::start);
        opened.add(docker::removeAll);
        victim = docker.run("victim-prod");
        serve("--docker.host=" + docker.address(), "--collect.processes");
    }

    @Test
    void aMountedFileChargesNobodyElse() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path file = directory.resolve("docker/containers/" + victim + "/hostname");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "x");
        attack(
                List.of(
                        HostProcess.bound("", file),
                        HostProcess.bound("user.slice/user-4242.slice/session-9.scope", file),
                        HostProcess.bound("system.slice/slurmstepd.scope/job_424242/step_0/user/task_0", file)),
                List.of("sleep", "user-4242/session", "424242"));
    }

    @Test
    void aCgroupsNameChargesNobodyElse() {
        String scope = "docker-" + victim + ".scope";
        attack(
                List.of(
                        in("user.slice/user-4242.slice/user@4242.service/app.slice/" + scope),
                        in("system.slice/slurmstepd.scope/job_424242/step_0/user/task_0/" + scope),
                        in("system.slice/htcondor/condor_x_slot4242_1/" + scope),
                        in("system.slice/gpu-agent-spoof.service/" + scope),
                        in("lxc/gpu-agent-spoof/docker/" + victim)),
                List.of("user-4242/", "424242/", "slot4242_1/", "gpu-agent-spoof.service/", "gpu-agent-spoof/").stream()
                        .map(owner -> owner + victim.substring(0, 12))
                        .toList());
    }

    private static HostProcess in(String path) {
        return HostProcess.in(path.getBytes(StandardCharsets.UTF_8));
    }

    /** Lets the processes hold memory, and expects each under its workload and the victim's memory unchanged. */
    private void attack(List<HostProcess> attackers, List<String> workloads) {
        try {
            List<String> list = new ArrayList<>(List.of("proc 0 pid=" + docker.pid(victim) + " mem=1G"));
            attackers.forEach(attacker -> list.add("proc 0 pid=" + attacker.pid() + " mem=100M"));
            play(list.toArray(String[]::new));
            String page = await(
                    "the victim's name and all attackers",
                    text -> text.contains("workload=\"victim-prod\"")
                            && Exposition.find(Exposition.parse(text), "gpu_process_memory_bytes", Map.of())
                                            .size()
                                    == list.size());
            assertEquals(1024 * MIB, value(page, MEMORY, "workload=\"victim-prod\"", "\"" + victim + "\""));
            List<Exposition.Series> lines = Exposition.parse(page);
            for (int i = 0; i < attackers.size(); i++) {
                Exposition.Series line = Exposition.find(
                                lines,
                                "gpu_process_memory_bytes",
                                Map.of("pid", Long.toString(attackers.get(i).pid())))
                        .get(0);
                assertEquals(workloads.get(i), line.label("workload"), line::toString);
                assertEquals("", line.label("container_id"), line::toString);
            }
        } finally {
            HostProcess.endAll(attackers);
            CREATED.stream().filter(HostProcess::hasCgroup).forEach(HostProcess::removeCgroup);
        }
    }
}
