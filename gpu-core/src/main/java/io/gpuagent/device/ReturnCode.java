package io.gpuagent.device;

import java.util.Map;

/** The names of NVML's return codes, as {@code nvml.h} declares them ({@code nvmlReturn_t}), without their prefix. */
public final class ReturnCode {

    public static final int SUCCESS = 0;
    public static final int UNINITIALIZED = 1;
    public static final int INVALID_ARGUMENT = 2;
    public static final int NOT_SUPPORTED = 3;
    public static final int NO_PERMISSION = 4;
    public static final int NOT_FOUND = 6;
    public static final int INSUFFICIENT_SIZE = 7;
    public static final int DRIVER_NOT_LOADED = 9;
    public static final int LIBRARY_NOT_FOUND = 12;
    public static final int FUNCTION_NOT_FOUND = 13;
    public static final int GPU_IS_LOST = 15;
    public static final int RESET_REQUIRED = 16;
    public static final int LIB_RM_VERSION_MISMATCH = 18;
    public static final int ARGUMENT_VERSION_MISMATCH = 25;

    private static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(SUCCESS, "SUCCESS"),
            Map.entry(UNINITIALIZED, "UNINITIALIZED"),
            Map.entry(INVALID_ARGUMENT, "INVALID_ARGUMENT"),
            Map.entry(NOT_SUPPORTED, "NOT_SUPPORTED"),
            Map.entry(NO_PERMISSION, "NO_PERMISSION"),
            Map.entry(5, "ALREADY_INITIALIZED"),
            Map.entry(NOT_FOUND, "NOT_FOUND"),
            Map.entry(INSUFFICIENT_SIZE, "INSUFFICIENT_SIZE"),
            Map.entry(8, "INSUFFICIENT_POWER"),
            Map.entry(DRIVER_NOT_LOADED, "DRIVER_NOT_LOADED"),
            Map.entry(10, "TIMEOUT"),
            Map.entry(11, "IRQ_ISSUE"),
            Map.entry(LIBRARY_NOT_FOUND, "LIBRARY_NOT_FOUND"),
            Map.entry(FUNCTION_NOT_FOUND, "FUNCTION_NOT_FOUND"),
            Map.entry(14, "CORRUPTED_INFOROM"),
            Map.entry(GPU_IS_LOST, "GPU_IS_LOST"),
            Map.entry(RESET_REQUIRED, "RESET_REQUIRED"),
            Map.entry(17, "OPERATING_SYSTEM"),
            Map.entry(LIB_RM_VERSION_MISMATCH, "LIB_RM_VERSION_MISMATCH"),
            Map.entry(19, "IN_USE"),
            Map.entry(20, "MEMORY"),
            Map.entry(21, "NO_DATA"),
            Map.entry(22, "VGPU_ECC_NOT_SUPPORTED"),
            Map.entry(23, "INSUFFICIENT_RESOURCES"),
            Map.entry(24, "FREQ_NOT_SUPPORTED"),
            Map.entry(ARGUMENT_VERSION_MISMATCH, "ARGUMENT_VERSION_MISMATCH"),
            Map.entry(26, "DEPRECATED"),
            Map.entry(27, "NOT_READY"),
            Map.entry(28, "GPU_NOT_FOUND"),
            Map.entry(29, "INVALID_STATE"),
            Map.entry(999, "UNKNOWN"));

    private ReturnCode() {}

    /** The code's name; {@code CODE_<n>} for one that has none here. */
    public static String name(int code) {
        return NAMES.getOrDefault(code, "CODE_" + code);
    }
}
