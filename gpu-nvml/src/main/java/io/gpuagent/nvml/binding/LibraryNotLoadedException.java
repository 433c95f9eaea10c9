package io.gpuagent.nvml.binding;

import org.jspecify.annotations.Nullable;

/** NVML or its JavaCPP bindings could not be loaded. The message is for an operator. */
public final class LibraryNotLoadedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient @Nullable Object searched;

    /**
     * @param searched the value of {@link LibrarySearch#state()} if no library could be loaded; null if the failure has
     *     another cause
     */
    LibraryNotLoadedException(String message, @Nullable Object searched) {
        super(message);
        this.searched = searched;
    }

    /** Whether no loadable library was found, as on a node without a driver. If false, this installation is broken. */
    public boolean absent() {
        return searched != null;
    }

    boolean holds(LibrarySearch search) {
        return search.state().equals(searched);
    }
}
