package io.gpuagent.nvml.binding;

/** The library, or our bindings of it, could not be loaded. The message is for an operator. */
public final class LibraryNotLoadedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final boolean absent;

    LibraryNotLoadedException(String message, boolean absent) {
        super(message);
        this.absent = absent;
    }

    /** Whether there is no loadable library at all, as on a node without a driver; else something is wrong with this installation. */
    public boolean absent() {
        return absent;
    }
}
