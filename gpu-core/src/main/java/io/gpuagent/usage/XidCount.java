package io.gpuagent.usage;

import java.time.Instant;

/**
 * The number of times that the driver has reported one Xid number for one GPU since the agent started.
 *
 * @param xid the Xid number, or {@link #OTHER}
 * @param lastSeen when it was last reported
 */
public record XidCount(String xid, long count, Instant lastSeen) {

    /** Stands for all Xid numbers beyond the limit of distinct numbers per GPU. */
    public static final String OTHER = "(other)";
}
