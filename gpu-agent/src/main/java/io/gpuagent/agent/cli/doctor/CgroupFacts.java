package io.gpuagent.agent.cli.doctor;

import io.gpuagent.cgroup.CgroupFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Which version of cgroups the host has, and whether this process sees them from a namespace of its own.
 *
 * @param init the cgroup file of pid 1; empty if it cannot be read
 * @param namespace what /proc/self/ns/cgroup leads to; empty if it cannot be read
 */
record CgroupFacts(CgroupFile init, String namespace) {

    /** Inode of the initial cgroup namespace: PROC_CGROUP_INIT_INO in the kernel's include/linux/proc_ns.h. */
    private static final String INITIAL = "cgroup:[4026531835]";

    static CgroupFacts read(Path procfs, Path self) {
        return new CgroupFacts(
                CgroupFile.parse(HostChecks.text(procfs.resolve("1/cgroup"))), link(self.resolve("ns/cgroup")));
    }

    private static String link(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "";
        }
    }

    List<Finding> judge() {
        if (init.lines().isEmpty()) {
            return List.of(Finding.limited(
                    "cgroup", "the cgroups of pid 1 cannot be read", "is --path.procfs the host's /proc? Run as root"));
        }
        boolean own = !namespace.isEmpty() && !namespace.equals(INITIAL);
        return List.of(Finding.ok(
                "cgroup",
                version() + (own ? ", seen from a namespace of our own; container ids are found all the same" : "")));
    }

    /** The kernel lists v2, as hierarchy 0, once it is mounted anywhere: cgroup v1's hierarchies are counted from 1. */
    private String version() {
        boolean v2 = init.lines().stream().anyMatch(line -> line.hierarchy().equals("0"));
        boolean v1 = init.lines().stream().anyMatch(line -> !line.hierarchy().equals("0"));
        return v1 && v2 ? "v1 and v2 (hybrid)" : v2 ? "v2" : "v1";
    }
}
