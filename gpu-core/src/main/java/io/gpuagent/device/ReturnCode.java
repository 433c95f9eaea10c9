package io.gpuagent.device;

import java.util.List;

/**
 * NVML's return codes ({@code nvmlReturn_t} in {@code nvml.h}) and their names. {@code nvmlErrorString} is not used
 * because the library may be broken.
 */
public final class ReturnCode {

    public static final int SUCCESS = 0;
    public static final int UNINITIALIZED = 1;
    public static final int INVALID_ARGUMENT = 2;
    public static final int NOT_SUPPORTED = 3;
    public static final int NO_PERMISSION = 4;
    public static final int NOT_FOUND = 6;
    public static final int INSUFFICIENT_SIZE = 7;
    public static final int DRIVER_NOT_LOADED = 9;
    public static final int TIMEOUT = 10;
    public static final int LIBRARY_NOT_FOUND = 12;
    public static final int FUNCTION_NOT_FOUND = 13;
    public static final int GPU_IS_LOST = 15;
    public static final int RESET_REQUIRED = 16;
    public static final int LIB_RM_VERSION_MISMATCH = 18;
    public static final int ARGUMENT_VERSION_MISMATCH = 25;
    public static final int DEPRECATED = 26;
    public static final int GPU_NOT_FOUND = 28;
    public static final int UNKNOWN = 999;

    private static final List<String> NAMES = List.of("""
            SUCCESS UNINITIALIZED INVALID_ARGUMENT NOT_SUPPORTED NO_PERMISSION ALREADY_INITIALIZED NOT_FOUND
            INSUFFICIENT_SIZE INSUFFICIENT_POWER DRIVER_NOT_LOADED TIMEOUT IRQ_ISSUE LIBRARY_NOT_FOUND
            FUNCTION_NOT_FOUND CORRUPTED_INFOROM GPU_IS_LOST RESET_REQUIRED OPERATING_SYSTEM LIB_RM_VERSION_MISMATCH
            IN_USE MEMORY NO_DATA VGPU_ECC_NOT_SUPPORTED INSUFFICIENT_RESOURCES FREQ_NOT_SUPPORTED
            ARGUMENT_VERSION_MISMATCH DEPRECATED NOT_READY GPU_NOT_FOUND INVALID_STATE RESET_TYPE_NOT_SUPPORTED
            """.split("\\s+"));

    /** Returns the code's name without its prefix; {@code CODE_<n>} for an unknown code. */
    public static String name(int code) {
        if (code == UNKNOWN) {
            return "UNKNOWN";
        }
        return code >= 0 && code < NAMES.size() ? NAMES.get(code) : "CODE_" + code;
    }

    /** Whether the code means that the NVML session has ended. */
    public static boolean endsSession(int code) {
        return code == UNINITIALIZED || code == DRIVER_NOT_LOADED;
    }

    /** Whether the fault means that the NVML session has ended. */
    public static boolean endsSession(CallFault fault) {
        return endsSession(NAMES.indexOf(fault.code()));
    }

    /** Whether the code means that the device as a whole cannot be read. */
    public static boolean losesDevice(int code) {
        return endsSession(code) || code == GPU_IS_LOST || code == RESET_REQUIRED || code == GPU_NOT_FOUND;
    }

    /** Whether the code means that the GPU or the library version does not support the function. */
    public static boolean notOffered(int code) {
        return code == NOT_SUPPORTED || code == FUNCTION_NOT_FOUND || code == ARGUMENT_VERSION_MISMATCH;
    }

    /** Whether the fault means that the GPU or the library version does not support the function. */
    public static boolean notOffered(CallFault fault) {
        return notOffered(NAMES.indexOf(fault.code()));
    }

    private ReturnCode() {}
}
