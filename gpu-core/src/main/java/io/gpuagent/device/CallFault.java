package io.gpuagent.device;

/**
 * A driver call that failed.
 *
 * @param function the function's name as the library exports it, such as {@code nvmlDeviceGetMemoryInfo_v2}. On a
 *     simulated node, the capability that failed, such as {@code memory}
 * @param code NVML's name of the return code without its prefix, such as {@code GPU_IS_LOST}; {@code CODE_<n>} for an
 *     unknown code
 */
public record CallFault(String function, String code) {

    @Override
    public String toString() {
        return function + " returned " + code;
    }
}
