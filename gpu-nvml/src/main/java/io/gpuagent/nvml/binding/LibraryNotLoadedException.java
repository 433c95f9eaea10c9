package io.gpuagent.nvml.binding;

import org.jspecify.annotations.Nullable;

/** The library, or our bindings of it, could not be loaded. The message is for an operator. */
public final class LibraryNotLoadedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient @Nullable Object searched;

    /** @param searched what {@link LibrarySearch#state()} was when no library could be loaded; null if that is not the reason */
    LibraryNotLoadedException(String message, @Nullable Object searched) {
        super(message);
        this.searched = searched;
    }

    /** Whether there is no loadable library at all, as on a node without a driver; else something is wrong with this installation. */
    public boolean absent() {
        return searched != null;
    }

    boolean holds(LibrarySearch search) {
        return search.state().equals(searched);
    }
}
