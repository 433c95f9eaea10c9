package io.gpuagent.nvml.binding;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The two native libraries of the bindings. They are copied from the class path into a directory that no other user can
 * write to, and deleted on close. If they are already unpacked, as in the container image, the system property {@code
 * gpuagent.natives} names their directory, and no writable directory is needed.
 *
 * <p>JavaCPP's own loader is not used, for two reasons. It would also load the native library of the CUDA runtime
 * bindings, from which the NVML bindings inherit. That library needs libcudart.so, which is not part of a driver. Also,
 * JavaCPP extracts its files to a cache with a predictable name.
 */
final class NativeFiles implements AutoCloseable {

    private static final String LOAD_LIBRARIES = "org.bytedeco.javacpp.loadlibraries";
    private static final String DIRECTORY_PROPERTY = "gpuagent.natives";
    private static final String JAVACPP = "libjnijavacpp.so";
    private static final String NVML = "libjninvml.so";
    private static final Map<String, String> PLATFORMS = Map.of("amd64", "linux-x86_64", "aarch64", "linux-arm64");

    /**
     * Classes below {@code org.bytedeco} whose static initializers would make JavaCPP load its native libraries, in
     * addition to {@link NvmlFunction#types}.
     */
    private static final List<String> BOUND_CLASSES = List.of("""
            javacpp.BytePointer javacpp.IntPointer javacpp.LongPointer cuda.global.nvml cuda.nvml.nvmlDevice_st
            cuda.nvml.nvmlValue_t cuda.nvml.nvmlGridLicensableFeature_t cuda.nvml.nvmlGpmSample_st
            cuda.nvml.nvmlGpmSupport_t cuda.nvml.nvmlGpmMetricsGet_t cuda.nvml.nvmlGpmMetric_t
            cuda.nvml.nvmlEventSet_st cuda.nvml.nvmlEventData_t
            """.split("\\s+"));

    /** Static, because a mapping belongs to the process: loading another copy would map the library a second time. */
    private static boolean javacppMapped;

    private final Path directory;
    private final boolean copied;

    private NativeFiles(Path directory, boolean copied) {
        this.directory = directory;
        this.copied = copied;
    }

    static NativeFiles extract() throws IOException {
        String unpackedDirectory = System.getProperty(DIRECTORY_PROPERTY);
        if (unpackedDirectory != null) {
            return new NativeFiles(Path.of(unpackedDirectory), false);
        }
        String platform = PLATFORMS.get(System.getProperty("os.arch"));
        if (platform == null) {
            throw new IOException("no native libraries for " + System.getProperty("os.arch"));
        }
        NativeFiles files = new NativeFiles(Files.createTempDirectory("gpu-nvml-"), true); // created with mode 0700
        try {
            files.copy("org/bytedeco/javacpp/" + platform + "/", JAVACPP);
            files.copy("org/bytedeco/cuda/" + platform + "/", NVML);
            return files;
        } catch (IOException e) {
            files.close();
            throw e;
        }
    }

    private void copy(String folder, String name) throws IOException {
        try (InputStream in = NativeFiles.class.getClassLoader().getResourceAsStream(folder + name)) {
            if (in == null) {
                throw new NoSuchFileException(folder + name, null, "not on the class path");
            }
            Files.copy(in, directory.resolve(name));
        }
    }

    /**
     * Maps libjnijavacpp.so, which does not depend on NVIDIA's libraries: if this fails, the cause is not a missing
     * driver.
     */
    void mapJavaCpp() throws LibraryNotLoadedException {
        Optional<String> error =
                javacppMapped ? Optional.empty() : withJavaCppLoadingOff(() -> map(directory.resolve(JAVACPP)));
        if (error.isPresent()) {
            throw new LibraryNotLoadedException(
                    "the bindings cannot be loaded: " + error.get()
                            + " (they require glibc 2.34 or newer, and a java.io.tmpdir that is not mounted noexec)",
                    null);
        }
        javacppMapped = true;
    }

    /**
     * Maps the NVML bindings and initializes their classes. Returns the dynamic loader's error, or empty on success.
     * Class {@code nvml} must not be touched before its native library is mapped, since a failed static initializer
     * cannot be retried.
     */
    Optional<String> bind() {
        return withJavaCppLoadingOff(() -> {
            Optional<String> error = map(directory.resolve(NVML));
            if (error.isEmpty()) {
                BOUND_CLASSES.forEach(name -> initialise("org.bytedeco." + name));
                DeviceFunctions.all()
                        .flatMap(function -> function.types().stream())
                        .forEach(type -> initialise(type.getName()));
            }
            return error;
        });
    }

    /** Maps a native library. Returns the dynamic loader's error, or empty on success. */
    static Optional<String> map(Path library) {
        try {
            System.load(library.toString());
            return Optional.empty();
        } catch (UnsatisfiedLinkError e) {
            String hint = System.getenv("LD_BIND_NOW") == null ? "" : "; unset LD_BIND_NOW";
            // Remove the file's path, which differs for each extracted copy.
            return Optional.of(String.valueOf(e.getMessage()).replace(library + ": ", "") + hint);
        }
    }

    private static void initialise(String name) {
        try {
            Class.forName(name, true, NativeFiles.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new NoClassDefFoundError(name);
        }
    }

    /**
     * Runs an action while JavaCPP does not load native libraries by itself. The property is restored afterwards,
     * because the application's other JavaCPP libraries depend on it.
     */
    private static <T> T withJavaCppLoadingOff(Supplier<T> action) {
        String previous = System.setProperty(LOAD_LIBRARIES, "false");
        try {
            return action.get();
        } finally {
            if (previous == null) {
                System.clearProperty(LOAD_LIBRARIES);
            } else {
                System.setProperty(LOAD_LIBRARIES, previous);
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (!copied) {
            return;
        }
        Files.deleteIfExists(directory.resolve(JAVACPP));
        Files.deleteIfExists(directory.resolve(NVML));
        Files.deleteIfExists(directory);
    }
}
