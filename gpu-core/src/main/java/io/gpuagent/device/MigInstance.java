package io.gpuagent.device;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A MIG instance on which processes can run. It is a compute instance, which NVML calls a MIG device.
 *
 * @param gpuInstance the id of the GPU instance that contains it. After a reconfiguration, the same id may mean another
 *     GPU instance
 * @param uuid the identity of the instance, {@code MIG-…}. Before R470 it was composed of the GPU's UUID and the two
 *     ids
 * @param profile the profile as {@code nvidia-smi -L} prints it: {@code 1g.10gb}, or {@code 1c.3g.20gb} for a part of a
 *     GPU instance; empty if the driver does not report it
 * @param memory the memory of the GPU instance, shared by all its compute instances; null if the driver does not report
 *     it
 */
public record MigInstance(
        int gpuInstance,
        int computeInstance,
        String uuid,
        String profile,
        @Nullable GpuMemory memory) {

    private static final Pattern COMPUTE_SLICES = Pattern.compile("^\\d+c\\.");
    /** The value of the label {@code mig}: {@code GI:CI}. */
    public String mig() {
        return gpuInstance + ":" + computeInstance;
    }

    /** The profile of the containing GPU instance. */
    public String gpuInstanceProfile() {
        return COMPUTE_SLICES.matcher(profile).replaceFirst("");
    }
}
