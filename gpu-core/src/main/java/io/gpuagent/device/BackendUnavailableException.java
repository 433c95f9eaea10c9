package io.gpuagent.device;

/**
 * Thrown when no GPU can be read, because there is no library or no driver, or because the driver cannot be
 * initialized. The message is written for an operator.
 */
public final class BackendUnavailableException extends Exception {

    private static final long serialVersionUID = 1L;

    /** The cause, as precisely as an operator needs it to choose the next step. */
    public enum Reason {
        /** The NVML library was not found or cannot be loaded. */
        NO_LIBRARY,
        /** The library was loaded, but the kernel driver is not. */
        NO_DRIVER,
        /** The kernel driver is loaded, but no GPU is bound to it. */
        NO_GPU,
        /**
         * The driver was replaced after the library was loaded. The process must be restarted to load the matching
         * library.
         */
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
