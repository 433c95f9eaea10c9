package io.gpuagent.device;

import java.time.Instant;

/**
 * An error that the driver reports of a GPU (an "Xid"; https://docs.nvidia.com/deploy/xid-errors).
 *
 * @param gpu as it was last enumerated
 * @param mig {@code GI:CI} of the MIG instance that it happened on, {@code GI} where the driver tells no more; empty where it concerns the
 *     whole GPU or the driver does not tell
 * @param xid the error's number; {@link #UNKNOWN} where the driver does not tell it
 * @param time when we heard of it
 */
public record XidEvent(GpuIdentity gpu, String mig, int xid, Instant time) {

    /** What the driver says where it does not know the number ({@code nvml.h}, {@code nvmlEventData_t}). */
    public static final int UNKNOWN = 999;
}
