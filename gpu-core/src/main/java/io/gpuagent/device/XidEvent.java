package io.gpuagent.device;

import java.time.Instant;

/**
 * An Xid: an error of a GPU that the driver reports (https://docs.nvidia.com/deploy/xid-errors).
 *
 * @param gpu the GPU, as it was last enumerated
 * @param mig {@code GI:CI} of the affected MIG instance, or only {@code GI} if the driver reports no compute instance;
 *     empty if the error concerns the whole GPU or the driver does not report the instance
 * @param xid the Xid number; {@link #UNKNOWN} if the driver does not report it
 * @param time when the agent received the event
 */
public record XidEvent(GpuIdentity gpu, String mig, int xid, Instant time) {

    /** The driver's value for an unknown number ({@code nvml.h}, {@code nvmlEventData_t}). */
    public static final int UNKNOWN = 999;
}
