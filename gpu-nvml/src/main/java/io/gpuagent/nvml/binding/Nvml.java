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
 * {@code libnvidia-ml.so.1} as mapped into this process. A process maps it once and cannot take another one, so all backends of a
 * process share it. A function of devices that it does not export answers {@link ReturnCode#FUNCTION_NOT_FOUND}: calling it would end
 * the process, since the bindings are bound lazily. Safe for any thread, as NVML is.
 */
public final class Nvml {

    private static final Logger LOG = System.getLogger(Nvml.class.getName());

    public static final String INIT = "nvmlInit_v2";
    private static final String SHUTDOWN = "nvmlShutdown";
    static final String DRIVER_VERSION = "nvmlSystemGetDriverVersion";
    public static final String COUNT = "nvmlDeviceGetCount_v2";
    public static final String HANDLE = "nvmlDeviceGetHandleByIndex_v2";

    /** The state of the process, not of a backend: native libraries cannot be unloaded. */
    private static @Nullable Nvml loaded;

    private final MappedFile file;
    private final Map<String, Boolean> exported = new ConcurrentHashMap<>();
    private final Gpm gpm = new Gpm();

    private Nvml(MappedFile file) {
        this.file = file;
    }

    /**
     * The library, loaded by this call if it was not before. May be called again after a failure: nothing is lost by it.
     *
     * @param before why the last call failed, thrown again while nothing has changed in the places searched; null to try anyway
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
                String reason = e.toString().replaceAll("gpu-nvml-\\d+", "gpu-nvml-*"); // the same at each attempt
                throw new LibraryNotLoadedException(
                        "the natives could not be written to the temporary directory: " + reason, null);
            }
            loaded = library;
        }
        return library;
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

    /** Where the mapped file is, for the log. */
    public Path path() {
        return file.path();
    }

    /** Whether the file that was mapped is no longer the one on disk: the driver was upgraded underneath this process. */
    public boolean replaced() {
        return file.replaced();
    }

    public boolean exports(String symbol) {
        // A miss searches every object in the process (about 20 us), so each name is looked up once.
        return exported.computeIfAbsent(symbol, name -> Loader.addressof(name) != null);
    }

    /** The functions without which nothing can be read and which this library lacks. Without them nothing else of it may be called. */
    public List<String> missingEssentials() {
        return MissingFunctions.missing(this::exports, INIT, SHUTDOWN, COUNT, HANDLE, DeviceFunctions.UUID.symbol());
    }

    /** What is not told since functions for it are missing, and those functions. */
    public Map<String, List<String>> losses() {
        return MissingFunctions.of(this::exports);
    }

    /** Whether the library tells events. */
    public boolean tellsEvents() {
        return EventSet.missing(this::exports).isEmpty();
    }

    /** Whether the library tells the activity of devices ("GPM"). */
    public boolean tellsActivity() {
        return Gpm.missing(this::exports).isEmpty();
    }

    /** Activity, for all threads of the process. */
    public Gpm gpm() {
        return gpm;
    }

    public int init() {
        return nvml.nvmlInit_v2();
    }

    public int shutdown() {
        return nvml.nvmlShutdown();
    }

    /** The driver's version; empty where it is not told. */
    public String driverVersion() {
        return text(DRIVER_VERSION, nvml::nvmlSystemGetDriverVersion);
    }

    /** The library's version; empty where it is not told, as by some libraries before {@link #init()}. */
    public String version() {
        return text("nvmlSystemGetNVMLVersion", nvml::nvmlSystemGetNVMLVersion);
    }

    private interface TextCall {
        int of(BytePointer text, int size);
    }

    private String text(String symbol, TextCall call) {
        NativeMemory answer = new NativeMemory(DeviceFunctions.TEXT_SIZE);
        return exports(symbol) && call.of(answer.at(0), DeviceFunctions.TEXT_SIZE) == ReturnCode.SUCCESS
                ? answer.text(0, DeviceFunctions.TEXT_SIZE)
                : "";
    }

    /** How many devices there are, the number at 0. */
    public int deviceCount(NativeMemory answer) {
        return nvml.nvmlDeviceGetCount_v2(answer.intAt(0));
    }

    public int handle(int index, DeviceHandle answer) {
        return nvml.nvmlDeviceGetHandleByIndex_v2(index, answer.device);
    }

    public int call(NvmlFunction function, DeviceHandle handle, NativeMemory answer) {
        return exports(function.symbol()) ? function.call().on(handle.device, answer) : ReturnCode.FUNCTION_NOT_FOUND;
    }
}
