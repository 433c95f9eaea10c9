package io.gpuagent.workload;

import static io.gpuagent.workload.WorkloadRulesTest.A;
import static io.gpuagent.workload.WorkloadRulesTest.B;
import static io.gpuagent.workload.WorkloadRulesTest.U;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.gpuagent.cgroup.CgroupFile;
import io.gpuagent.cgroup.MountInfo;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The use of mounts if the cgroup file names no container. */
class MountRulesTest {

    private static final MountInfo HOST = MountInfo.parse("20 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
    private static final String CRIO = "/var/lib/containers/storage/overlay-containers/";
    private static final String KUBELET = bind("/var/lib/kubelet/pods/" + U + "/etc-hosts", "/etc/hosts");

    @Test
    void mountsAreNotReadIfTheCgroupFileNamesAContainer() {
        CgroupFile file = CgroupFile.parse("0::/docker/" + A);
        assertEquals(
                "container docker " + A,
                WorkloadRules.workload(file, () -> fail("read"), () -> fail("read"))
                        .map(WorkloadRulesTest::words)
                        .orElseThrow());
    }

    @Test
    void cgroupMountProvesNothing() {
        assertEquals("host", workload("/", cgroup2("/../docker/" + A)));
    }

    @Test
    void mountsNeverReplaceAnOwnerOfTheCgroupFile() {
        String mounts = bind("/var/lib/docker/containers/" + A + "/hosts", "/etc/hosts");
        assertEquals("unit a.service", workload("/system.slice/a.service", mounts));
        assertEquals("unit session-9.scope user=1001", workload("/user.slice/user-1001.slice/session-9.scope", mounts));
        assertEquals("pod " + U + " qos=burstable", workload("/kubepods/burstable/pod" + U, mounts));
    }

    @Test
    void onlyTheRuntimesOwnDirectoryOnItsOwnDeviceCounts() {
        String made = "/tmp/x/docker/containers/" + A + "/hostname";
        assertEquals("host", workload("/", bind(made, "/etc/hostname")));
        String real = "/var/lib/docker/containers/" + A + "/hostname";
        assertEquals("container docker " + A, workload("/", bind(real, "/etc/hostname")));
        assertEquals("host", workload("/", bind(real, "/etc/hostname").replace("8:1", "0:77")));
    }

    @Test
    void deletedBindSourceStillIdentifiesTheContainer() {
        String source = "/var/lib/docker/containers/" + A + "/resolv.conf//deleted";
        assertEquals("container docker " + A, workload("/", bind(source, "/etc/resolv.conf")));
    }

    @Test
    void onlyTheFilesOfADockerContainerIdentifyIt() {
        assertEquals("host", workload("/", bind("/var/lib/docker/containers/" + A, "/data")));
        assertEquals("host", workload("/", bind("/var/lib/docker/containers/" + A + "/x/hosts", "/data")));
        assertEquals("host", workload("/", bind("/var/lib/docker/containers/" + A + "0/hosts", "/etc/hosts")));
        assertEquals("host", workload("/", bind("/var/lib/docker/volumes/" + A + "/hosts", "/etc/hosts")));
    }

    @Test
    void podmanFilesIdentifyTheContainer() {
        String own = "/var/lib/containers/storage/overlay-containers/" + A + "/userdata/";
        assertEquals("container podman " + A, workload("/", bind(own + "hostname", "/etc/hostname")));
        assertEquals(
                "container podman " + A,
                workload("/", bind(own + ".containerenv", "/c") + bind(own + "run/secrets", "/run/secrets")));
    }

    @Test
    void podmanContainerInAPodIsTheOneOfItsContainerenv() {
        String mounts = bind(CRIO + A + "/userdata/hosts", "/etc/hosts")
                + bind(CRIO + B + "/userdata/.containerenv", "/run/.containerenv");
        assertEquals("container podman " + B, workload("/", mounts));
    }

    @Test
    void crioContainerIsTheOneOfItsSecrets() {
        String sandbox = bind(CRIO + A + "/userdata/hostname", "/etc/hostname")
                + bind(CRIO + A + "/userdata/.containerenv", "/run/.containerenv");
        String secrets = bind(CRIO + B + "/userdata/run/secrets", "/run/secrets");
        assertEquals("container cri-o " + B, workload("/", sandbox + secrets));
        assertEquals("container cri-o " + B, workload("/", KUBELET + secrets));
        assertEquals("host", workload("/", KUBELET + sandbox));
    }

    @Test
    void containerdSandboxIsNotTheContainer() {
        String source = "/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/" + A + "/hostname";
        assertEquals("host", workload("/", bind(source, "/etc/hostname")));
    }

    @Test
    void orderOfMountsDoesNotMatter() {
        List<String> lines = new ArrayList<>(List.of(
                bind(CRIO + A + "/userdata/hostname", "/etc/hostname"),
                bind(CRIO + B + "/userdata/run/secrets", "/run/secrets"),
                bind(CRIO + B + "/userdata/hosts", "/etc/hosts"),
                KUBELET,
                cgroup2("/system.slice/b.service"),
                cgroup2("/system.slice/a.service")));
        String workload = workload("/", String.join("", lines));
        for (int seed = 0; seed < 50; seed++) {
            Collections.shuffle(lines, new Random(seed));
            assertEquals(workload, workload("/", String.join("", lines)));
        }
    }

    private static String workload(String path, String mounts) {
        return WorkloadRules.workload(CgroupFile.parse("0::" + path), () -> MountInfo.parse(mounts), () -> HOST)
                .map(WorkloadRulesTest::words)
                .orElse("host");
    }

    private static String cgroup2(String root) {
        return "30 29 0:26 " + root + " /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw\n";
    }

    private static String bind(String source, String target) {
        return "40 29 8:1 " + source + " " + target + " rw,relatime master:1 shared:2 - ext4 /dev/sda1 rw\n";
    }
}
