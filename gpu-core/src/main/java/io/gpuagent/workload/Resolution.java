package io.gpuagent.workload;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The workload of a GPU process, or why it is unknown. */
public sealed interface Resolution {

    /**
     * The process belongs to the workload.
     *
     * @param comm the command name when the process was first seen
     * @param uid the real uid of the process; null if unknown
     * @param user the login name of the workload's user, or the uid if it has none; empty in pods, guests and root's
     *     containers
     */
    record Resolved(
            Workload workload, String comm, @Nullable Integer uid, String user) implements Resolution {}

    /** The workload is unknown. */
    record Unresolved(Reason reason) implements Resolution {}

    /** Why a process has no workload. */
    enum Reason {
        /** The process is not in /proc and was never seen there. */
        EXITED("exited before it was seen in /proc"),
        /** The process's files in /proc may not be read, or the process is hidden. */
        UNREADABLE("/proc is not readable or hides other users' processes (hidepid); run as root"),
        /** This /proc is not the host's, so the driver's pids cannot be looked up in it. */
        NO_HOST_PID(
                "this /proc is not the host's; share the host's pid namespace, or set --path.procfs to the host's /proc");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        /** The cause and the fix, written for an operator. */
        public String text() {
            return text;
        }

        /** The value of the label {@code reason}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
