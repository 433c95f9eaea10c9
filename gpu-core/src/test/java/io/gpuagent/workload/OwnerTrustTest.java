package io.gpuagent.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.workload.ContainerDetails.KubernetesNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The kernel's owner wins: whatever an owner names the cgroups below its own, its use is not charged to another owner.
 * {@code -Dtrust.seconds} sets how long random names are tried.
 */
class OwnerTrustTest {

    private static final String VICTIM = "1bdd5b5b92e21bdd5b5b92e21bdd5b5b92e21bdd5b5b92e21bdd5b5b92e21bdd";
    private static final String POD_VICTIM = "8630c6c9af078630c6c9af078630c6c9af078630c6c9af078630c6c9af078630";
    private static final String UID = "0f0e0d0c-1111-4222-8333-444455556666";
    private static final String OWN_ID = "7f093592aebb7f093592aebb7f093592aebb7f093592aebb7f093592aebb7f09";
    private static final String OWN_UID = "638d752b-6846-4fbb-8b23-909761ea098f";

    /** What the host's runtimes know: containers at the top, and one that Docker created below a job. */
    private static final String PARENT = "/system.slice/slurmstepd.scope/job_43/" + VICTIM;

    /** Owners whose cgroups only root creates, and what may be in each. */
    private static final List<String> OWNERS = List.of(
            "/user.slice/user-1001.slice/session-9.scope",
            "/user.slice/user-1001.slice/user@1001.service/app.slice",
            "/system.slice/slurmstepd.scope/job_42/step_0/user/task_0",
            "/pbs_jobs.service/jobs/42",
            "/system.slice/htcondor/condor_x_slot1",
            "/system.slice/jupyterhub.service",
            "/lxc/101/ns",
            "/lxc.payload.box",
            "/machine.slice/machine-box.scope/payload",
            "/docker/" + OWN_ID,
            "/system.slice/docker-" + OWN_ID + ".scope",
            "/kubepods/burstable/pod" + OWN_UID + "/" + OWN_ID);

    /** Other owners' processes. No name below an owner above may yield their labels. */
    private static final List<String> OTHERS = List.of(
            "/docker/" + VICTIM,
            "/system.slice/docker-" + VICTIM + ".scope",
            "/kubepods/pod" + UID + "/" + POD_VICTIM,
            "/system.slice/slurmstepd.scope/job_43/step_0",
            PARENT,
            "/user.slice/user-1002.slice/session-1.scope",
            "/user.slice/user-1002.slice/user@1002.service/app.slice/docker-" + VICTIM + ".scope",
            "/system.slice/victim.service",
            "/lxc/victim");

    private static final List<String> NAMES = List.of(
            "docker-" + VICTIM + ".scope",
            "docker",
            VICTIM,
            POD_VICTIM,
            "cri-containerd-" + POD_VICTIM + ".scope",
            "crio-" + VICTIM + ".scope",
            "libpod-" + VICTIM + ".scope",
            "libpod_parent",
            "nerdctl-" + VICTIM + ".scope",
            "kata_" + VICTIM,
            "x:docker:" + VICTIM,
            "kubepods",
            "burstable",
            "pod" + UID,
            "pod" + UID + ":cri-containerd:" + POD_VICTIM,
            "kubepods-pod" + UID.replace('-', '_') + ".slice",
            "kubepods.slice",
            "system.slice",
            "slurmstepd.scope",
            "job_43",
            "slurm",
            "uid_1002",
            "pbs_jobs.service",
            "jobs",
            "43",
            "htcondor",
            "condor_x_slot2",
            "torque",
            "user.slice",
            "user-1002.slice",
            "user@1002.service",
            "session-1.scope",
            "victim.service",
            "docker.service",
            "lxc",
            "lxc.payload.victim",
            "victim",
            "machine.slice",
            "machine-victim.scope",
            "payload",
            "ns",
            "ecs",
            "init.scope",
            "container",
            "default",
            "..");

    private final Random random = new Random(20261201);

    @Test
    void namesBelowAnOwnerNeverTakeAnotherOwnersPlace() {
        Set<WorkloadLabels> others = Set.copyOf(
                OTHERS.stream().map(path -> labels("0::" + path + "\n")).toList());
        long end = System.nanoTime()
                + Duration.ofSeconds(Integer.getInteger("trust.seconds", 2)).toNanos();
        int tried = 0;
        while (System.nanoTime() < end) {
            String owner = OWNERS.get(random.nextInt(OWNERS.size()));
            check(owner, below(owner), others);
            tried++;
        }
        assertTrue(tried > 1000, "tried " + tried);
    }

    /** The file of a process somewhere below the owner, in which one cgroup v1 controller may be the process's own. */
    private String below(String owner) {
        StringBuilder path = new StringBuilder(owner);
        for (int i = random.nextInt(6); i >= 0; i--) {
            path.append('/').append(NAMES.get(random.nextInt(NAMES.size())));
        }
        if (random.nextBoolean()) {
            return "0::" + path + "\n";
        }
        List<String> lines = new ArrayList<>();
        lines.add("1:name=systemd:" + path + "\n");
        lines.add(random.nextInt(2), "4:freezer:" + OTHERS.get(random.nextInt(OTHERS.size())) + "\n");
        return String.join("", lines);
    }

    private static void check(String owner, String file, Set<WorkloadLabels> others) {
        WorkloadLabels own = labels("0::" + owner + "\n");
        WorkloadLabels found = labels(file);
        String what = file + own + "\n" + found;
        assertFalse(others.contains(found), what);
        assertTrue(found.containerId().isEmpty() || found.containerId().equals(own.containerId()), what);
        assertEquals(own.namespace(), found.namespace(), what);
        assertEquals(own.pod(), found.pod(), what);
        assertEquals(own.user(), found.user(), what);
        assertTrue(found.container().equals(own.container()) || own.container().isEmpty(), what);
        if (!own.batchJob().isEmpty()
                || own.user().equals("user1001")
                || own.kind().equals("unit")) {
            assertEquals(own.batchJob(), found.batchJob(), what);
        } else if (!found.batchJob().isEmpty() && own.namespace().isEmpty()) {
            assertTrue(found.workload().startsWith(own.workload() + "/"), what);
        }
    }

    private static WorkloadLabels labels(String cgroup) {
        ProcessTable table = new ProcessTable();
        table.put(7, 100, 'S', cgroup);
        Resolution.Resolved resolved = (Resolution.Resolved)
                new WorkloadResolver(table).resolve(Set.of(7), 0).get(7);
        return WorkloadLabels.of(resolved.workload(), resolved.comm(), resolved.user(), OwnerTrustTest::record);
    }

    /** What root's runtimes record, where it is asked for as the agent's sources do. */
    private static @Nullable ContainerDetails record(Workload.Named owner) {
        if (owner.outer() instanceof Workload.User) {
            return null;
        }
        if (owner instanceof Workload.Container container) {
            boolean nested = !container.path().isEmpty();
            return switch (container.id()) {
                case VICTIM -> nested && !container.path().equals(PARENT) ? null : named("victim-prod", null);
                case POD_VICTIM -> nested ? null : pod("victim", "victim-0", UID);
                case OWN_ID -> nested ? null : pod("attacker", "att-0", OWN_UID);
                default -> null;
            };
        }
        return null;
    }

    private static ContainerDetails pod(String namespace, String pod, String uid) {
        KubernetesNames names = new KubernetesNames(namespace, pod, "a", uid, null);
        return named(names.runtimeName(), names);
    }

    private static ContainerDetails named(String name, @Nullable KubernetesNames names) {
        return new ContainerDetails(name, ContainerRuntime.DOCKER, "", Map.of(), names);
    }
}
