package io.gpuagent.device;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A MIG instance of a GPU that processes can run on: a compute instance, which NVML calls a MIG device.
 *
 * @param gpuInstance the number of the GPU instance that it is part of; after a reconfiguration the same number is another instance
 * @param uuid {@code MIG-…}, by which instances are told apart; before R470 it was made of the GPU's UUID and the two numbers
 * @param profile as {@code nvidia-smi -L} has it: {@code 1g.10gb}, and {@code 1c.3g.20gb} for a part of a GPU instance; empty where
 *     the driver does not tell
 * @param memory that of the GPU instance, which all its compute instances share; null where the driver does not tell
 */
public record MigInstance(
        int gpuInstance,
        int computeInstance,
        String uuid,
        String profile,
        @Nullable GpuMemory memory) {

    private static final Pattern COMPUTE_SLICES = Pattern.compile("^\\d+c\\.");

    /** {@code GI:CI}. */
    public String mig() {
        return gpuInstance + ":" + computeInstance;
    }

    /** The profile of the GPU instance, whatever part of it this is. */
    public String gpuInstanceProfile() {
        return COMPUTE_SLICES.matcher(profile).replaceFirst("");
    }
}
