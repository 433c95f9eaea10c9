package io.gpuagent.process;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The processes of the host. A process that has exited is an empty result; a process that may not be read is an
 * exception.
 */
public interface ProcessSource {

    /**
     * Whether pids are the host's, as the driver's are. Otherwise a pid from the driver means nothing here, or a
     * different process.
     */
    boolean hostPids();

    /** Whether processes of other users are hidden. A process that is not found may then still exist. */
    default boolean hidesProcesses() {
        return false;
    }

    /**
     * The process's state and start time.
     *
     * @throws IOException if the process exists but may not be read
     */
    Optional<ProcessStat> stat(int pid) throws IOException;

    /**
     * The text of the process's {@code cgroup} file, truncated to a bounded length.
     *
     * @throws IOException if the process exists but may not be read
     */
    Optional<String> cgroup(int pid) throws IOException;

    /**
     * The text of the process's {@code mountinfo} file, truncated to a bounded length.
     *
     * @throws IOException if the process exists but may not be read
     */
    Optional<String> mountinfo(int pid) throws IOException;

    /** The uid of the process; empty if it is not known. */
    OptionalInt uid(int pid);

    /** The login name of a user; empty if it is not known. */
    default Optional<String> userName(int uid) {
        return Optional.empty();
    }
}
