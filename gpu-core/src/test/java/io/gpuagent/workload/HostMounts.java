package io.gpuagent.workload;

import io.gpuagent.cgroup.KernelPath;
import io.gpuagent.cgroup.MountInfo;
import io.gpuagent.cgroup.MountInfo.Mount;
import java.util.ArrayList;
import java.util.List;

/** The mounts of a host on which the files that a process has mounted are a container runtime's own. */
final class HostMounts {

    private HostMounts() {}

    /** Mounts the directories above {@code ID/hostname} and {@code overlay-containers} where the runtimes have them. */
    static MountInfo owning(MountInfo mounts) {
        List<Mount> host = new ArrayList<>();
        for (Mount mount : mounts.mounts()) {
            List<String> names = mount.root().names();
            int storage = names.lastIndexOf("overlay-containers");
            if (storage >= 0) {
                host.add(new Mount(
                        mount.device(),
                        new KernelPath(names.subList(0, storage)),
                        KernelPath.parse("/var/lib/containers/storage")));
            } else if (names.size() > 2 && names.get(names.size() - 3).equals("containers")) {
                host.add(new Mount(
                        mount.device(),
                        new KernelPath(names.subList(0, names.size() - 2)),
                        KernelPath.parse("/var/lib/docker/containers")));
            }
        }
        return new MountInfo(host);
    }
}
