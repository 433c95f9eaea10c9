package io.gpuagent.usage;

import io.gpuagent.device.GpuProcess;
import org.jspecify.annotations.Nullable;

/**
 * A process on a GPU whose workload is known.
 *
 * @param comm the command's name at first sight
 * @param uid the user id the process runs as; null where it could not be told
 * @param user that user's name; null where it is not known
 */
public record ProcessUsage(
        GpuProcess process,
        String comm,
        @Nullable Integer uid,
        @Nullable String user) {}
