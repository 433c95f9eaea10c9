package io.gpuagent.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.cgroup.CgroupFile;
import io.gpuagent.cgroup.MountInfo;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** Properties of the result for any cgroup file and any mountinfo. */
final class FileProperties {

    private static final String Z = "0123456789abcdef".repeat(4);

    /** Malformed lines; each would name a container if it were valid. */
    private static final String MALFORMED_LINES = String.join(
            "\n",
            "",
            "\0",
            "0:/docker/" + Z,
            ":cpu:/docker/" + Z,
            "x:cpu:/docker/" + Z,
            "-1:cpu:/docker/" + Z,
            "+1:cpu:/docker/" + Z,
            "\u0661:cpu:/docker/" + Z,
            " 1:cpu:/docker/" + Z,
            "1:cpu:docker/" + Z,
            "1:cpu: /docker/" + Z,
            "1:/docker/" + Z + ":");

    /** The other lines of a container's cgroup file on a hybrid host. */
    private static final String HYBRID =
            "0::/system.slice/containerd.service\n1:name=systemd:/system.slice/docker.service\n";

    /** Mounts that identify no container, each for a different reason; the last is a containerd sandbox. */
    private static final String IRRELEVANT_MOUNTS = String.join(
            "\n",
            "",
            "1 2 3:4 docker/" + Z + " /x rw - cgroup2 c rw",
            "1 2 3:4 /docker/" + Z + " /x rw cgroup2 c rw",
            "1 2 3:4 /docker/containers/" + Z + "/hosts",
            "1 2 3:4 /var/lib/docker/containers/" + Z + " /x rw - ext4 /dev/x rw",
            "1 2 3:4 / /x rw - cgroup2 c rw",
            "1 2 3:4 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/" + Z
                    + "/hostname /etc/hostname rw - ext4 /dev/x rw");

    /** Files of the pod's sandbox; none belongs to the container. */
    private static final String SANDBOX =
            "1 2 3:4 /k/pods/99999999-8888-7777-6666-555555555555/etc-hosts /etc/hosts rw - ext4 d rw\n"
                    + "1 2 3:4 /r/overlay-containers/" + Z + "/userdata/hostname /etc/hostname rw - ext4 d rw";

    private final String cgroup;
    private final String mounts;
    private final CgroupFile file;
    private final Optional<Workload> own;

    private FileProperties(String cgroup, String mounts) {
        this.cgroup = cgroup;
        this.mounts = mounts;
        this.file = CgroupFile.parse(cgroup);
        this.own = WorkloadRules.workload(file);
    }

    static void check(String cgroup, String mounts) {
        FileProperties properties = new FileProperties(cgroup, mounts);
        properties.resultIsWellFormed();
        properties.formattingOfTheFileDoesNotMatter();
        properties.resultIsTheOwnerOfALine();
        properties.mountsNeverOverrideTheFile();
        properties.formattingOfMountsDoesNotMatter();
        properties.mountsOfOtherContainersDoNotMatter();
    }

    private void resultIsWellFormed() {
        own.ifPresent(WorkloadChecks::check);
        own.ifPresent(workload -> WorkloadChecks.checkOccursIn(cgroup, workload));
    }

    private void formattingOfTheFileDoesNotMatter() {
        assertEquals(
                own, workload(repeatedAmong(cgroup, MALFORMED_LINES)), "repeated, reversed and among malformed lines");
        if (cgroup.indexOf('\r') < 0) {
            assertEquals(own, workload(cgroup.replace("\n", "\r\n") + "\r"), "with carriage returns");
        }
        if (own.isPresent() && !(own.get() instanceof Workload.Unit)) {
            assertEquals(own, workload(HYBRID + cgroup), "with the units of a hybrid host");
        }
    }

    /** Repeats every line, in both orders, among other text. */
    private static String repeatedAmong(String text, String noise) {
        List<String> lines = Arrays.asList(text.split("\n", -1));
        Collections.reverse(lines);
        return String.join("\n", noise, String.join("\n", lines), noise, text, noise);
    }

    private void resultIsTheOwnerOfALine() {
        Set<Optional<Workload>> answers = new HashSet<>();
        answers.add(Optional.empty());
        file.lines().forEach(line -> answers.add(WorkloadRules.workload(new CgroupFile(List.of(line)))));
        assertTrue(answers.contains(own), () -> own + " is none of " + answers);
        assertEquals(answers.size() == 1, own.isEmpty());
    }

    private void mountsNeverOverrideTheFile() {
        AtomicInteger reads = new AtomicInteger();
        MountInfo own = MountInfo.parse(mounts);
        Optional<Workload> both = WorkloadRules.workload(
                file,
                () -> {
                    reads.incrementAndGet();
                    return own;
                },
                () -> HostMounts.owning(own));
        both.ifPresent(WorkloadChecks::check);
        assertEquals(this.own.isPresent() ? 0 : 1, reads.get(), "reads of mountinfo");
        assertTrue(both.equals(this.own) || this.own.isEmpty(), () -> this.own + " became " + both);
    }

    private void formattingOfMountsDoesNotMatter() {
        own.ifPresent(owner -> assertEquals(Optional.of(owner), workload(file, ""), "without mounts"));
        assertEquals(
                workload(file, mounts),
                workload(file, repeatedAmong(mounts, IRRELEVANT_MOUNTS)),
                "mounts repeated, reversed and among irrelevant ones");
    }

    private void mountsOfOtherContainersDoNotMatter() {
        assertEquals(workload(file, ""), workload(file, SANDBOX), "with the files of a sandbox");
    }

    private static Optional<Workload> workload(String cgroup) {
        return WorkloadRules.workload(CgroupFile.parse(cgroup));
    }

    private static Optional<Workload> workload(CgroupFile file, String mounts) {
        return WorkloadRules.workload(
                file, () -> MountInfo.parse(mounts), () -> HostMounts.owning(MountInfo.parse(mounts)));
    }
}
