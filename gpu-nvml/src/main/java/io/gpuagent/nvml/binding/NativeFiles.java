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
 * The two natives of the bindings, copied out of the class path into a directory that nobody else can write, and deleted on closing. An
 * image that has them unpacked names their directory by a property, and needs no directory that can be written.
 *
 * <p>JavaCPP's own loading is left out: the NVML bindings inherit the CUDA runtime's, whose native needs libcudart.so, which no driver
 * brings; and what it extracts goes to a cache whose name others can guess.
 */
final class NativeFiles implements AutoCloseable {

    private static final String LOAD_LIBRARIES = "org.bytedeco.javacpp.loadlibraries";
    private static final String UNPACKED = "gpuagent.natives";
    private static final String JAVACPP = "libjnijavacpp.so";
    private static final String NVML = "libjninvml.so";
    private static final Map<String, String> PLATFORMS = Map.of("amd64", "linux-x86_64", "aarch64", "linux-arm64");

    /** Whose initialisers would have JavaCPP load its natives, beside those of {@link NvmlFunction#types}; below {@code org.bytedeco}. */
    private static final List<String> BOUND = List.of("""
            javacpp.BytePointer javacpp.IntPointer javacpp.LongPointer cuda.global.nvml cuda.nvml.nvmlDevice_st
            cuda.nvml.nvmlGpmSample_st cuda.nvml.nvmlGpmSupport_t cuda.nvml.nvmlGpmMetricsGet_t
            cuda.nvml.nvmlEventSet_st cuda.nvml.nvmlEventData_t
            """.split("\\s+"));

    /** The state of the process: each load of a fresh copy would map it once more. */
    private static boolean javacppMapped;

    private final Path directory;
    private final boolean copied;

    private NativeFiles(Path directory, boolean copied) {
        this.directory = directory;
        this.copied = copied;
    }

    static NativeFiles extract() throws IOException {
        String unpacked = System.getProperty(UNPACKED);
        if (unpacked != null) {
            return new NativeFiles(Path.of(unpacked), false);
        }
        String platform = PLATFORMS.get(System.getProperty("os.arch"));
        if (platform == null) {
            throw new IOException("there are no natives for " + System.getProperty("os.arch"));
        }
        NativeFiles files = new NativeFiles(Files.createTempDirectory("gpu-nvml-"), true); // mode 0700, by its contract
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

    /** Maps the native that needs nothing of NVIDIA's: if this one is refused, it is not for want of a driver. */
    void mapJavaCpp() throws LibraryNotLoadedException {
        Optional<String> refusal =
                javacppMapped ? Optional.empty() : withoutJavaCppsLoading(() -> map(directory.resolve(JAVACPP)));
        if (refusal.isPresent()) {
            throw new LibraryNotLoadedException(
                    "the bindings cannot be loaded: " + refusal.get()
                            + " (they need glibc 2.34 or newer, and a java.io.tmpdir that is not mounted noexec)",
                    null);
        }
        javacppMapped = true;
    }

    /**
     * Maps the bindings of NVML and initialises their classes, or tells why the dynamic loader refuses. Class {@code nvml} is not
     * touched before its native is mapped: an initialiser that failed fails for good.
     */
    Optional<String> bind() {
        return withoutJavaCppsLoading(() -> {
            Optional<String> refusal = map(directory.resolve(NVML));
            if (refusal.isEmpty()) {
                BOUND.forEach(name -> initialise("org.bytedeco." + name));
                DeviceFunctions.all()
                        .flatMap(function -> function.types().stream())
                        .forEach(type -> initialise(type.getName()));
            }
            return refusal;
        });
    }

    /** Maps a native library, or tells why the dynamic loader refuses. */
    static Optional<String> map(Path library) {
        try {
            System.load(library.toString());
            return Optional.empty();
        } catch (UnsatisfiedLinkError e) {
            String hint = System.getenv("LD_BIND_NOW") == null ? "" : "; unset LD_BIND_NOW";
            // Without the file's path: the one of our own copy is another each time.
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

    /** The property is the process's, so it is put back: other JavaCPP libraries of the application are loaded by JavaCPP. */
    private static <T> T withoutJavaCppsLoading(Supplier<T> loading) {
        String before = System.setProperty(LOAD_LIBRARIES, "false");
        try {
            return loading.get();
        } finally {
            if (before == null) {
                System.clearProperty(LOAD_LIBRARIES);
            } else {
                System.setProperty(LOAD_LIBRARIES, before);
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
