package io.gpuagent.nvml;

import io.gpuagent.device.BackendUnavailableException;
import io.gpuagent.device.BackendUnavailableException.Reason;
import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuBackend;
import io.gpuagent.device.Inventory;
import io.gpuagent.device.MetricGroup;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.device.XidEvent;
import io.gpuagent.nvml.binding.DeviceFunctions;
import io.gpuagent.nvml.binding.LibrarySearch;
import io.gpuagent.nvml.binding.Nvml;
import io.gpuagent.nvml.binding.NvmlFunction;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A backend that reads the GPUs of this node through NVIDIA's management library (NVML), which it loads into this
 * process.
 *
 * <p>The first {@link #enumerate()} loads and initializes the library. If there is no library or no driver, later calls
 * try again. A process can map the library only once, so all backends of a process share the first one found. After a
 * driver upgrade ({@link BackendUnavailableException.Reason#DRIVER_REPLACED}) the process must be restarted. Supported:
 * Linux on x86-64 and arm64, glibc 2.34 or newer, driver 418 or newer.
 */
public final class NvmlBackend implements GpuBackend {

    /**
     * Where to find the library, and which metrics to read.
     *
     * @param library the path of the library; null to search for it
     * @param hostRoot where the host's root directory is mounted, {@code /} on the host itself; searched before this
     *     process's own root
     * @param selection the metrics to read from each GPU
     */
    public record Options(@Nullable Path library, Path hostRoot, MetricSelection selection) {

        /** Options that search for the library on this host and select the default metrics. */
        public Options() {
            this(null, Path.of("/"), MetricSelection.DEFAULT);
        }

        public Options withLibrary(@Nullable Path library) {
            return new Options(library, hostRoot, selection);
        }

        public Options withHostRoot(Path hostRoot) {
            return new Options(library, hostRoot, selection);
        }

        public Options withSelection(MetricSelection selection) {
            return new Options(library, hostRoot, selection);
        }
    }

    /**
     * The library that this process has mapped.
     *
     * @param version NVML's own version, such as {@code 12.535.261.03}; empty if the library does not report it before
     *     initialization
     * @param processList the function that lists compute processes; empty if the library has none
     * @param missingFunctions the optional functions that the library lacks; each key says what is unavailable without
     *     them
     */
    public record Library(Path path, String version, String processList, Map<String, List<String>> missingFunctions) {}

    private record Listener(Consumer<XidEvent> xids, Consumer<CallFault> faults) {}

    private final DriverSessions sessions;
    private final DeviceList devices;
    private volatile @Nullable Session session;
    private volatile boolean closed;
    private volatile @Nullable Listener listener;

    /** Threads of the newest session, by name. */
    private final Map<String, SessionThread> threads = new HashMap<>();

    private final boolean readsActivity;

    public NvmlBackend() {
        this(new Options());
    }

    public NvmlBackend(Options options) {
        this.sessions = new DriverSessions(new LibrarySearch(options.library(), options.hostRoot()));
        this.devices = new DeviceList(options.selection());
        this.readsActivity = options.selection().groups().contains(MetricGroup.GPM);
    }

    /** Returns a backend that uses this library file and no other. */
    public static NvmlBackend withLibrary(Path library) {
        return new NvmlBackend(new Options().withLibrary(library));
    }

    @Override
    public String name() {
        return "nvml";
    }

    /**
     * Loads the library if necessary, without initializing it. Must not run concurrently with {@link #enumerate()}.
     *
     * @throws BackendUnavailableException if no usable library was found
     */
    public Library library() throws BackendUnavailableException {
        Nvml library = sessions.library();
        String list = DeviceFunctions.COMPUTE_PROCESSES.stream()
                .map(NvmlFunction::symbol)
                .filter(library::exports)
                .findFirst()
                .orElse("");
        return new Library(library.path(), library.version(), list, library.missingFunctions());
    }

    @Override
    public Inventory enumerate() throws BackendUnavailableException {
        sessions.inLibrary.acquireUninterruptibly();
        try {
            if (closed) {
                throw new IllegalStateException("the backend is closed");
            }
            return readDevices(open());
        } catch (SessionEndedException e) {
            return restartAfterReload(e);
        } finally {
            sessions.inLibrary.release();
        }
    }

    @Override
    public void listen(Consumer<XidEvent> xids, Consumer<CallFault> faults) {
        listener = new Listener(xids, faults);
    }

    private Inventory readDevices(Session current) throws SessionEndedException, BackendUnavailableException {
        Inventory inventory = devices.read(current);
        Listener events = listener;
        if (events != null && current.nvml.supportsEvents()) {
            updateThread(
                    inventory, current, "gpu-events", () -> new XidListener(current, events.xids(), events.faults()));
        }
        if (readsActivity && current.nvml.supportsGpm()) {
            updateThread(inventory, current, "gpu-activity", () -> new ActivitySampler(current));
        }
        return inventory;
    }

    private void updateThread(Inventory inventory, Session current, String name, Supplier<SessionThread> factory) {
        SessionThread thread = threads.get(name);
        if (thread == null || thread.session != current) {
            thread = factory.get();
            threads.put(name, thread);
            thread.start(name);
        }
        thread.setGpus(inventory.gpus());
    }

    private Session open() throws BackendUnavailableException {
        Session current = session;
        if (current == null) {
            current = sessions.start();
            session = current;
        }
        return current;
    }

    /**
     * Starts a new session. The kernel module was unloaded, so the library's state and its handles are no longer valid.
     */
    private Inventory restartAfterReload(SessionEndedException reason) throws BackendUnavailableException {
        session = null;
        sessions.end(reason);
        try {
            return readDevices(open());
        } catch (SessionEndedException e) {
            // Do not keep this session. NVML counts initializations, so if two backends of a process both kept one, the
            // library would never discard its invalid state.
            session = null;
            throw sessions.end(e)
                    ? new BackendUnavailableException(Reason.NO_DRIVER, "the driver was unloaded: " + e.fault(), e)
                    : new BackendUnavailableException(
                            Reason.FAILED,
                            "the driver was unloaded (" + e.fault() + ") while an NVML call still hangs",
                            e);
        }
    }

    @Override
    public void close() {
        closed = true;
        session = null;
        sessions.close();
    }
}
