package io.gpuagent.process;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The processes of the host. A process that is gone is empty, one that may not be read is an exception.
 */
public interface ProcessSource {

    /** Whether pids here are the host's, as the driver's are. Elsewhere a pid of the driver's means nothing, or another process. */
    boolean hostPids();

    /** Whether processes of other users are hidden here, so that one that cannot be found may be there all the same. */
    default boolean hidesProcesses() {
        return false;
    }

    /**
     * The process's state and start time.
     *
     * @throws IOException if the process is there but may not be read
     */
    Optional<ProcessStat> stat(int pid) throws IOException;

    /**
     * The text of the process's {@code cgroup} file, cut to a bounded length.
     *
     * @throws IOException if the process is there but may not be read
     */
    Optional<String> cgroup(int pid) throws IOException;

    /**
     * The text of the process's {@code mountinfo} file, cut to a bounded length.
     *
     * @throws IOException if the process is there but may not be read
     */
    Optional<String> mountinfo(int pid) throws IOException;

    /** The user id the process runs as, where it can be told. */
    OptionalInt uid(int pid);

    /** The name of a user, where it is known. */
    default Optional<String> userName(int uid) {
        return Optional.empty();
    }
}
