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
import java.util.TreeMap;
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
            "0::/system.slice/containerd.service\n1:name=systemd:/system.slice/a.service\n";

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

    private static final String OTHER_POD =
            "1 2 3:4 /../kubepods/pod99999999-8888-7777-6666-555555555555/" + Z + " /x rw - cgroup2 c rw";

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
        properties.mostPreciseLineWins();
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

    private void mostPreciseLineWins() {
        TreeMap<Integer, Set<Optional<Workload>>> answersByRank = new TreeMap<>();
        for (CgroupFile.Line line : file.lines()) {
            Optional<Workload> workload = WorkloadRules.workload(new CgroupFile(List.of(line)));
            answersByRank
                    .computeIfAbsent(3 * precision(workload) + authority(line), rank -> new HashSet<>())
                    .add(workload);
        }
        Set<Optional<Workload>> best = answersByRank.isEmpty()
                ? Set.of(Optional.empty())
                : answersByRank.firstEntry().getValue();
        assertTrue(best.contains(own), () -> own + " is none of " + best);
    }

    /** Lower is better, as with {@link #precision}; decides between equally precise lines. */
    private static int authority(CgroupFile.Line line) {
        if (line.controllers().equals("name=systemd")) {
            return 0;
        }
        return line.hierarchy().equals("0") && line.controllers().isEmpty() ? 1 : 2;
    }

    private static int precision(Optional<Workload> workload) {
        List<Class<?>> order = List.of(
                Workload.Container.class,
                Workload.Lxc.class,
                Workload.Pod.class,
                Workload.Job.class,
                Workload.Unit.class);
        boolean inPod = workload.orElse(null) instanceof Workload.Container container && container.podUid() != null;
        return inPod ? -1 : workload.map(w -> order.indexOf(w.getClass())).orElse(order.size());
    }

    private void mountsNeverOverrideTheFile() {
        AtomicInteger reads = new AtomicInteger();
        Optional<Workload> both = WorkloadRules.workload(file, () -> {
            reads.incrementAndGet();
            return MountInfo.parse(mounts);
        });
        both.ifPresent(WorkloadChecks::check);
        assertEquals(isContainer(own) ? 0 : 1, reads.get(), "reads of mountinfo");
        assertTrue(
                both.equals(own) || own.isEmpty() || isContainer(both) && !isContainer(own),
                () -> own + " became " + both);
        if (own.orElse(null) instanceof Workload.Pod pod && !both.equals(own)) {
            Workload.Container container = (Workload.Container) both.orElseThrow();
            assertEquals(pod, new Workload.Pod(container.podUid(), container.qos()));
        }
    }

    private void formattingOfMountsDoesNotMatter() {
        assertEquals(own, workload(file, ""), "without mounts");
        assertEquals(
                workload(file, mounts),
                workload(file, repeatedAmong(mounts, IRRELEVANT_MOUNTS)),
                "mounts repeated, reversed and among irrelevant ones");
    }

    private void mountsOfOtherContainersDoNotMatter() {
        assertEquals(own, workload(file, SANDBOX), "with the files of a sandbox");
        if (own.orElse(null) instanceof Workload.Pod pod && !OTHER_POD.contains(pod.uid())) {
            assertEquals(own, workload(file, OTHER_POD), "with a container of another pod");
        }
    }

    private static boolean isContainer(Optional<Workload> workload) {
        return workload.filter(w -> w instanceof Workload.Container || w instanceof Workload.Lxc)
                .isPresent();
    }

    private static Optional<Workload> workload(String cgroup) {
        return WorkloadRules.workload(CgroupFile.parse(cgroup));
    }

    private static Optional<Workload> workload(CgroupFile file, String mounts) {
        return WorkloadRules.workload(file, () -> MountInfo.parse(mounts));
    }
}
