package io.gpuagent.usage;

import java.time.Instant;

/**
 * How often the driver has reported one error of one GPU since we listen.
 *
 * @param xid the error's number, or {@link #OTHER}
 * @param lastSeen when it was reported last
 */
public record XidCount(String xid, long count, Instant lastSeen) {

    /** What the errors of a GPU are called together that has had too many different ones. */
    public static final String OTHER = "(other)";
}
