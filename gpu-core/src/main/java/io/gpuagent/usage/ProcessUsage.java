package io.gpuagent.usage;

import io.gpuagent.device.GpuProcess;
import org.jspecify.annotations.Nullable;

/**
 * A process on a GPU whose workload is known.
 *
 * @param comm the command's name at first sight
 * @param uid the user id the process runs as; null where it could not be told
 * @param user that user's name; null where it is not known
 * @param smRatio the share of the time since the sample before in which a kernel of the process ran, 0 to 1; null where it is not told
 */
public record ProcessUsage(
        GpuProcess process,
        String comm,
        @Nullable Integer uid,
        @Nullable String user,
        @Nullable Double smRatio) {

    /** A process on a GPU that does not tell how busy each process keeps it. */
    public ProcessUsage(GpuProcess process, String comm, @Nullable Integer uid, @Nullable String user) {
        this(process, comm, uid, user, null);
    }
}
