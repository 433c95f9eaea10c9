package io.gpuagent.device;

/** No GPU can be read: there is no library, no driver, or the driver refuses to be initialised. The message is for an operator. */
public final class BackendUnavailableException extends Exception {

    private static final long serialVersionUID = 1L;

    /** Why, as far as it decides what to do next. */
    public enum Reason {
        /** The library was not found or cannot be loaded. */
        NO_LIBRARY,
        /** The library is there, the kernel's driver is not. */
        NO_DRIVER,
        /** The driver was replaced underneath the loaded library; only a new process can take the new one. */
        DRIVER_REPLACED,
        /** The driver answers with another error. */
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
