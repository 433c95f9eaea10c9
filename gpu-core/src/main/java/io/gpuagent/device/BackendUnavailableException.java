package io.gpuagent.device;

/**
 * Thrown when no GPU can be read: there is no library, no driver, or the driver cannot be initialized. The message is
 * written for an operator.
 */
public final class BackendUnavailableException extends Exception {

    private static final long serialVersionUID = 1L;

    /** The cause, as far as it determines the next step. */
    public enum Reason {
        /** The NVML library was not found or cannot be loaded. */
        NO_LIBRARY,
        /** The library was loaded, but the kernel driver is not. */
        NO_DRIVER,
        /** The kernel driver is loaded, but drives no GPU. */
        NO_GPU,
        /** The driver was replaced after the library was loaded; only a new process can load the matching library. */
        DRIVER_REPLACED,
        /** The driver returned another error. */
        FAILED
    }

    private final Reason reason;

    public BackendUnavailableException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public BackendUnavailableException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
