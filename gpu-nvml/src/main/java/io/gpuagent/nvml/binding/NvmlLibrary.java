package io.gpuagent.nvml.binding;

import java.io.IOException;
import java.io.UncheckedIOException;
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
     * @throws LibraryNotLoadedException with what the loader said of each place tried
     */
    public static synchronized NvmlLibrary load(LibrarySearch search) throws LibraryNotLoadedException {
        NvmlLibrary library = loaded;
        if (library == null) {
            try (NativeFiles files = NativeFiles.extract()) {
                library = new NvmlLibrary(find(search, files));
            } catch (IOException | UncheckedIOException e) {
                throw new LibraryNotLoadedException(
                        "the natives could not be written to the temporary directory: " + e, false);
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
        files.mapJavaCpp();
        List<String> tried = new ArrayList<>();
        if (search.byName()) {
            Optional<String> refusal = files.bind();
            if (refusal.isEmpty()) {
                return MappedFile.ofProcess(null);
            }
            tried.add("the dynamic loader (" + refusal.get() + ")");
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
                        candidate + " was loaded, its bindings were not: " + refusal.get(), false);
            }
            tried.add(candidate + " (" + refusal.get() + ")");
        }
        throw new LibraryNotLoadedException(search.notFound(tried), true);
    }
}
