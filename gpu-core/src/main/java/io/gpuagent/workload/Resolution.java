package io.gpuagent.workload;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What is known of the workload of a process that the driver lists. */
public sealed interface Resolution {

    /**
     * The process works for the workload.
     *
     * @param comm the command's name at first sight
     * @param uid the user id the process runs as; null where it could not be told
     * @param user that user's name; null where it is not known
     */
    record Resolved(
            Workload workload,
            String comm,
            @Nullable Integer uid,
            @Nullable String user) implements Resolution {}

    /** The process was never found. */
    record Unresolved(Reason reason) implements Resolution {}

    /** Why a process could not be found. */
    enum Reason {
        /** It is not in /proc, and was never seen there. */
        EXITED("gone from /proc before being seen there"),
        /** It is in /proc and may not be read, or hidden there from us. */
        UNREADABLE("/proc may not be read, or hides other users' processes (hidepid); run as root"),
        /** Our /proc is not the host's, so the driver's pids mean nothing in it. */
        NO_HOST_PID(
                "this /proc is not the host's; share the host's pid namespace, or name its /proc with --path.procfs");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        /** Why, and how to mend it, for an operator. */
        public String text() {
            return text;
        }

        /** The reason as the label {@code reason} has it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
