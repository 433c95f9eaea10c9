package io.gpuagent.agent.doctor;

import io.gpuagent.cgroup.CgroupFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The host's cgroup version, and whether this process runs in a private cgroup namespace.
 *
 * @param init the cgroup file of pid 1; empty if it cannot be read
 * @param namespace the target of the link /proc/self/ns/cgroup; empty if it cannot be read
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
                    "cgroup",
                    "the cgroups of pid 1 cannot be read",
                    "run as root; set --path.procfs to the host's /proc"));
        }
        boolean own = !namespace.isEmpty() && !namespace.equals(INITIAL);
        return List.of(Finding.ok(
                "cgroup", version() + (own ? ", in a private cgroup namespace; container ids are still found" : "")));
    }

    /**
     * The cgroup version of the host. The kernel lists v2 as hierarchy 0 if it is mounted anywhere; v1 hierarchies are
     * numbered from 1.
     */
    private String version() {
        boolean v2 = init.lines().stream().anyMatch(line -> line.hierarchy().equals("0"));
        boolean v1 = init.lines().stream().anyMatch(line -> !line.hierarchy().equals("0"));
        return v1 && v2 ? "v1 and v2 (hybrid)" : v2 ? "v2" : "v1";
    }
}
