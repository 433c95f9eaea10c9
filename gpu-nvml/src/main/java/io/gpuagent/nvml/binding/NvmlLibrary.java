package io.gpuagent.nvml.binding;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code libnvidia-ml.so.1} as mapped into this process. A process maps it once and cannot take another one, so all backends of a
 * process share it.
 */
public final class NvmlLibrary {

    private static final Logger LOG = System.getLogger(NvmlLibrary.class.getName());

    /** The state of the process, not of a backend: native libraries cannot be unloaded. */
    private static @Nullable NvmlLibrary loaded;

    private final Nvml nvml = new Nvml();
    private final MappedFile file;

    private NvmlLibrary(MappedFile file) {
        this.file = file;
    }

    /**
     * The library, loaded by this call if it was not before. May be called again after a failure: nothing is lost by it.
     *
     * @param before why the last call failed, thrown again while nothing has changed in the places searched; null to try anyway
     */
    public static synchronized NvmlLibrary load(LibrarySearch search, @Nullable LibraryNotLoadedException before)
            throws LibraryNotLoadedException {
        NvmlLibrary library = loaded;
        if (library == null) {
            if (before != null && before.holds(search)) {
                throw before;
            }
            try (NativeFiles files = NativeFiles.extract()) {
                library = new NvmlLibrary(find(search, files));
            } catch (IOException | UncheckedIOException e) {
                String reason = e.toString().replaceAll("gpu-nvml-\\d+", "gpu-nvml-*"); // the same at each attempt
                throw new LibraryNotLoadedException(
                        "the natives could not be written to the temporary directory: " + reason, null);
            }
            loaded = library;
        }
        return library;
    }

    /** Where the mapped file is, for the log. */
    public Path path() {
        return file.path();
    }

    /** Whether the file that was mapped is no longer the one on disk: the driver was upgraded underneath this process. */
    public boolean replaced() {
        return file.replaced();
    }

    public Nvml functions() {
        return nvml;
    }

    private static MappedFile find(LibrarySearch search, NativeFiles files) throws LibraryNotLoadedException {
        Object searched = search.state();
        files.mapJavaCpp();
        List<String> refusals = new ArrayList<>();
        if (search.byName()) {
            Optional<String> refusal = files.bind();
            if (refusal.isEmpty()) {
                return MappedFile.ofProcess(null);
            }
            LOG.log(Level.DEBUG, "The dynamic loader: {0}", refusal.get());
        }
        for (Path candidate : search.candidates()) {
            // Mapped under its SONAME, the library is what libjninvml.so then asks the dynamic loader for.
            Optional<String> refusal = NativeFiles.map(candidate);
            if (refusal.isEmpty()) {
                refusal = files.bind();
                if (refusal.isEmpty()) {
                    return MappedFile.ofProcess(candidate);
                }
                throw new LibraryNotLoadedException(
                        candidate + " was loaded, its bindings were not: " + refusal.get(), null);
            }
            LOG.log(Level.DEBUG, "{0}: {1}", candidate, refusal.get());
            refusals.add(candidate + ": " + refusal.get());
        }
        throw new LibraryNotLoadedException(search.notFound(refusals), searched);
    }
}
