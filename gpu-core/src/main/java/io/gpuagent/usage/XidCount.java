package io.gpuagent.usage;

import java.time.Instant;

/**
 * How often the driver has reported one Xid of one GPU since the agent's start.
 *
 * @param xid the Xid number, or {@link #OTHER}
 * @param lastSeen when it was last reported
 */
public record XidCount(String xid, long count, Instant lastSeen) {

    /** The label of Xids above the limit of distinct numbers per GPU. */
    public static final String OTHER = "(other)";
}
