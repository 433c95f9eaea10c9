package io.gpuagent.workload;

import static io.gpuagent.workload.IdPatterns.HEX_32;
import static io.gpuagent.workload.IdPatterns.POD_UUID;

import io.gpuagent.cgroup.KernelPath;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Parses the cgroup names of Kubernetes pods, as written by the kubelet's cgroupfs and systemd drivers. */
final class PodName {

    private static final String UID = "(" + POD_UUID + "|" + HEX_32 + ")";

    /**
     * With a kubelet that uses the systemd driver and a runtime that uses cgroupfs, the systemd argument {@code
     * slice:prefix:id} becomes a directory name.
     */
    private static final String TRIPLE = "(?::(?:cri-containerd|docker|crio|libpod):.*)?";

    private static final Pattern DIRECTORY = Pattern.compile("pod" + UID + TRIPLE, Pattern.DOTALL);
    private static final Pattern SLICE =
            Pattern.compile(".*kubepods(?:-([a-z]+))?-pod" + UID + "(?:\\.slice)?" + TRIPLE, Pattern.DOTALL);
    private static final Pattern PARENT_SLICE = Pattern.compile(".*kubepods(?:-([a-z]+))?\\.slice", Pattern.DOTALL);

    private PodName() {}

    /** The pod whose cgroup is named at the index. */
    static Optional<Workload.Pod> at(KernelPath path, int index) {
        // This runs for every name of every path, and few are pods.
        if (!path.name(index).contains("pod")) {
            return Optional.empty();
        }
        Matcher directory = DIRECTORY.matcher(path.name(index));
        if (directory.matches()) {
            return Optional.of(pod(directory.group(1), qosOfParent(path.name(index - 1))));
        }
        Matcher slice = SLICE.matcher(path.name(index));
        return slice.matches() ? Optional.of(pod(slice.group(2), qosOf(slice.group(1)))) : Optional.empty();
    }

    private static Workload.Pod pod(String uid, @Nullable String qos) {
        return new Workload.Pod(uid.replace('_', '-'), qos);
    }

    private static @Nullable String qosOfParent(String parent) {
        Matcher slice = PARENT_SLICE.matcher(parent);
        if (parent.equals("kubepods")) {
            return qosOf(null);
        }
        return qosOf(slice.matches() ? slice.group(1) : parent);
    }

    /** Guaranteed pods have no cgroup level for their class: null means guaranteed. */
    private static @Nullable String qosOf(@Nullable String level) {
        if (level == null) {
            return "guaranteed";
        }
        return level.equals("burstable") || level.equals("besteffort") ? level : null;
    }
}
