package io.gpuagent.nvml.binding;

import io.gpuagent.device.ReturnCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/**
 * The library {@code libnvidia-ml.so.1}, mapped into this process. A process can map it only once, so all its backends
 * share it. If the library does not export a device function, {@link #call} returns {@link
 * ReturnCode#FUNCTION_NOT_FOUND}. Calling the function would end the process, because the dynamic loader resolves the
 * symbols of the bindings only when they are first called. Thread-safe, like NVML.
 */
public final class Nvml {

    private static final Logger LOG = System.getLogger(Nvml.class.getName());

    public static final String INIT = "nvmlInit_v2";
    private static final String SHUTDOWN = "nvmlShutdown";
    static final String DRIVER_VERSION = "nvmlSystemGetDriverVersion";
    public static final String COUNT = "nvmlDeviceGetCount_v2";
    public static final String HANDLE = "nvmlDeviceGetHandleByIndex_v2";

    /** Static, because native libraries cannot be unloaded from the process. */
    private static @Nullable Nvml loaded;

    private final MappedFile file;
    private final Map<String, Boolean> exported = new ConcurrentHashMap<>();
    private final Gpm gpm = new Gpm();

    private Nvml(MappedFile file) {
        this.file = file;
    }

    /**
     * Returns the library, loading it at the first call. May be called again after a failure.
     *
     * @param before the failure of the last call, thrown again if nothing has changed in the places searched; null to
     *     search in any case
     */
    public static synchronized Nvml load(LibrarySearch search, @Nullable LibraryNotLoadedException before)
            throws LibraryNotLoadedException {
        Nvml library = loaded;
        if (library == null) {
            if (before != null && before.holds(search)) {
                throw before;
            }
            try (NativeFiles files = NativeFiles.extract()) {
                library = new Nvml(find(search, files));
            } catch (IOException | UncheckedIOException e) {
                String reason = e.toString().replaceAll("gpu-nvml-\\d+", "gpu-nvml-*"); // the same text at each attempt
                throw new LibraryNotLoadedException(
                        "cannot write the native libraries to the temporary directory: " + reason, null);
            }
            loaded = library;
        }
        return library;
    }

    private static MappedFile find(LibrarySearch search, NativeFiles files) throws LibraryNotLoadedException {
        Object searched = search.state();
        files.mapJavaCpp();
        List<String> errors = new ArrayList<>();
        if (search.usesLoader()) {
            Optional<String> error = files.bind();
            if (error.isEmpty()) {
                return MappedFile.ofProcess(null);
            }
            LOG.log(Level.DEBUG, "Dynamic loader: {0}", error.get());
        }
        for (Path candidate : search.candidates()) {
            // Map this file first: the dynamic loader then uses it for libjninvml.so, because it is already mapped
            // under its SONAME.
            Optional<String> error = NativeFiles.map(candidate);
            if (error.isEmpty()) {
                error = files.bind();
                if (error.isEmpty()) {
                    return MappedFile.ofProcess(candidate);
                }
                throw new LibraryNotLoadedException(
                        candidate + " was loaded, but its bindings were not: " + error.get(), null);
            }
            LOG.log(Level.DEBUG, "{0}: {1}", candidate, error.get());
            errors.add(candidate + ": " + error.get());
        }
        throw new LibraryNotLoadedException(search.notFound(errors), searched);
    }

    /** The file that the library was mapped from. */
    public Path path() {
        return file.path();
    }

    /** Whether the mapped file was replaced on disk, because the driver was upgraded while this process runs. */
    public boolean replaced() {
        return file.replaced();
    }

    public boolean exports(String symbol) {
        // A failed lookup searches every object in the process (about 20 µs), so the result is cached.
        return exported.computeIfAbsent(symbol, name -> Loader.addressof(name) != null);
    }

    /** The essential functions that this library lacks. If there are any, no other function may be called. */
    public List<String> missingEssentials() {
        return MissingFunctions.missing(this::exports, INIT, SHUTDOWN, COUNT, HANDLE, DeviceFunctions.UUID.symbol());
    }

    /** The optional functions that this library lacks. Each key says what is unavailable without them. */
    public Map<String, List<String>> missingFunctions() {
        return MissingFunctions.of(this::exports);
    }

    /** Whether the library has all functions for events. */
    public boolean supportsEvents() {
        return EventSet.missing(this::exports).isEmpty();
    }

    /** Whether the library has all functions for GPU Performance Monitoring (GPM). */
    public boolean supportsGpm() {
        return Gpm.missing(this::exports).isEmpty();
    }

    /** GPU Performance Monitoring, shared by all threads of the process. */
    public Gpm gpm() {
        return gpm;
    }

    public int init() {
        return nvml.nvmlInit_v2();
    }

    public int shutdown() {
        return nvml.nvmlShutdown();
    }

    /** The driver's version; empty if unavailable. */
    public String driverVersion() {
        return text(DRIVER_VERSION, nvml::nvmlSystemGetDriverVersion);
    }

    /** The library's version; empty if unavailable, as with some libraries before {@link #init()}. */
    public String version() {
        return text("nvmlSystemGetNVMLVersion", nvml::nvmlSystemGetNVMLVersion);
    }

    /** The driver release that the library belongs to, in the form of {@link FieldIds#release}. */
    int release() {
        return FieldIds.release(version());
    }

    private interface VersionCall {
        int of(BytePointer text, int size);
    }

    private String text(String symbol, VersionCall call) {
        NativeMemory buffer = new NativeMemory(DeviceFunctions.TEXT_SIZE);
        return exports(symbol) && call.of(buffer.at(0), DeviceFunctions.TEXT_SIZE) == ReturnCode.SUCCESS
                ? DeviceFunctions.text(buffer)
                : "";
    }

    /** Writes the number of devices to offset 0. */
    public int deviceCount(NativeMemory buffer) {
        return nvml.nvmlDeviceGetCount_v2(buffer.intAt(0));
    }

    public int handle(int index, DeviceHandle buffer) {
        return nvml.nvmlDeviceGetHandleByIndex_v2(index, buffer.device);
    }

    public int call(NvmlFunction function, DeviceHandle handle, NativeMemory buffer) {
        return exports(function.symbol()) ? function.call().on(handle.device, buffer) : ReturnCode.FUNCTION_NOT_FOUND;
    }
}
