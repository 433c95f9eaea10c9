package io.gpuagent.nvml.binding;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.javacpp.Loader;

/**
 * The library as loaded into this process. A function that it does not export answers {@link #FUNCTION_NOT_FOUND}: calling it would end
 * the process, since the bindings are bound lazily. Safe for any thread, as NVML is.
 */
public final class Nvml {

    public static final int FUNCTION_NOT_FOUND = 13;

    public static final String INIT = "nvmlInit_v2";
    public static final String SHUTDOWN = "nvmlShutdown";
    public static final String DRIVER_VERSION = "nvmlSystemGetDriverVersion";
    private static final String VERSION = "nvmlSystemGetNVMLVersion";
    public static final String COUNT = "nvmlDeviceGetCount_v2";
    public static final String HANDLE = "nvmlDeviceGetHandleByIndex_v2";

    private final Map<String, Boolean> exported = new ConcurrentHashMap<>();
    private final Gpm gpm = new Gpm();

    Nvml() {}

    /** The functions without which nothing can be read and which this library lacks. */
    public List<String> missingEssentials() {
        return List.of(INIT, SHUTDOWN, COUNT, HANDLE, DeviceFunctions.UUID.symbol()).stream()
                .filter(symbol -> !exports(symbol))
                .toList();
    }

    public boolean exports(String symbol) {
        // A miss searches every object in the process (about 20 us), so each name is looked up once.
        return exported.computeIfAbsent(symbol, name -> Loader.addressof(name) != null);
    }

    /** What is not told since functions for it are missing, and those functions. */
    public Map<String, List<String>> losses() {
        return Losses.of(this::exports);
    }

    /** Whether the library tells events. */
    public boolean tellsEvents() {
        return EventSet.missing(this::exports).isEmpty();
    }

    /** A set of events, to be created; only where the library {@link #tellsEvents tells} them. */
    public EventSet events() {
        return EventSet.of(this);
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
        return exports(INIT) ? nvml.nvmlInit_v2() : FUNCTION_NOT_FOUND;
    }

    public int shutdown() {
        return exports(SHUTDOWN) ? nvml.nvmlShutdown() : FUNCTION_NOT_FOUND;
    }

    /** The driver's version, a text at 0. */
    public int driverVersion(NativeMemory answer) {
        return exports(DRIVER_VERSION)
                ? nvml.nvmlSystemGetDriverVersion(answer.at(0), DeviceFunctions.TEXT_SIZE)
                : FUNCTION_NOT_FOUND;
    }

    /** The library's version, a text at 0; some libraries tell it after {@link #init()} only. */
    public int version(NativeMemory answer) {
        return exports(VERSION)
                ? nvml.nvmlSystemGetNVMLVersion(answer.at(0), DeviceFunctions.TEXT_SIZE)
                : FUNCTION_NOT_FOUND;
    }

    /** How many devices there are, the number at 0. */
    public int deviceCount(NativeMemory answer) {
        return exports(COUNT) ? nvml.nvmlDeviceGetCount_v2(answer.intAt(0)) : FUNCTION_NOT_FOUND;
    }

    public int handle(int index, DeviceHandle answer) {
        return exports(HANDLE) ? nvml.nvmlDeviceGetHandleByIndex_v2(index, answer.device) : FUNCTION_NOT_FOUND;
    }

    public int call(NvmlFunction function, DeviceHandle handle, NativeMemory answer) {
        return exports(function.symbol()) ? function.call().on(handle.device, answer) : FUNCTION_NOT_FOUND;
    }
}
