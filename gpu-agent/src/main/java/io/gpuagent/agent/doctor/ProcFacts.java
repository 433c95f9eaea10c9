package io.gpuagent.agent.doctor;

import io.gpuagent.process.ProcFs;
import io.gpuagent.workload.Resolution.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What this process can see in a proc file system.
 *
 * @param hostPids whether it shows the host's pids
 * @param readable whether pid 1 can be read; false if the mount option hidepid, see proc(5), hides other users' processes
 */
record ProcFacts(Path root, boolean present, boolean hostPids, boolean readable) {

    static ProcFacts read(Path root) {
        ProcFs proc = new ProcFs(root);
        return new ProcFacts(root, Files.isDirectory(root), proc.hostPids(), readable(proc));
    }

    private static boolean readable(ProcFs proc) {
        try {
            return proc.stat(1).isPresent();
        } catch (IOException e) {
            return false;
        }
    }

    List<Finding> judge() {
        if (!present) {
            return List.of(Finding.broken("proc", root + " does not exist", "set --path.procfs to the host's /proc"));
        }
        if (!hostPids) {
            return List.of(
                    Finding.broken(
                            "proc",
                            root + ": " + Reason.NO_HOST_PID.text(),
                            "docker run --pid=host; hostPID: true in a pod; or -v /proc:/host/proc:ro --path.procfs=/host/proc"));
        }
        if (!readable) {
            return List.of(Finding.broken(
                    "proc",
                    root + ": " + Reason.UNREADABLE.text(),
                    "run as root, or as a member of the group in its mount option gid="));
        }
        return List.of(Finding.ok("proc", root + " shows the host's processes"));
    }
}
