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
 * The GPUs of this node, read through NVIDIA's management library in this process.
 *
 * <p>The first {@link #enumerate()} loads the library and initialises it, once; both are tried again as long as there is no library or
 * no driver. A process maps the library once and for all: all backends of a process use the first one found, and after a driver
 * upgrade ({@link BackendUnavailableException.Reason#DRIVER_REPLACED}) only a new process can go on. Supported: Linux on x86-64 and
 * arm64, glibc 2.34 or newer, drivers from 418 on.
 */
public final class NvmlBackend implements GpuBackend {

    /**
     * Where the library is, and what it is asked for.
     *
     * @param library the file, used alone; null to search for it
     * @param hostRoot where the host's root directory is mounted, {@code /} where we run on the host; searched before our own
     * @param selection the values that GPUs are asked for
     */
    public record Options(@Nullable Path library, Path hostRoot, MetricSelection selection) {

        /** A search on this host. */
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
     * The library as this process has it.
     *
     * @param version NVML's own, such as {@code 12.535.261.03}; empty where the library does not tell it before it is initialised
     * @param processList the function that lists processes; empty if it has none
     * @param losses the optional functions that it lacks, by what is not told without them
     */
    public record Library(Path path, String version, String processList, Map<String, List<String>> losses) {}

    private record Listener(Consumer<XidEvent> xids, Consumer<CallFault> faults) {}

    private final Driver driver;
    private final DeviceList devices;
    private volatile @Nullable Session session;
    private volatile boolean closed;
    private volatile @Nullable Listener listener;

    /** Those of the newest session, by what they do. */
    private final Map<String, SessionThread> threads = new HashMap<>();

    private final boolean tellsActivity;

    public NvmlBackend() {
        this(new Options());
    }

    public NvmlBackend(Options options) {
        this.driver = new Driver(new LibrarySearch(options.library(), options.hostRoot()));
        this.devices = new DeviceList(options.selection());
        this.tellsActivity = options.selection().groups().contains(MetricGroup.GPM);
    }

    /** A backend on the library in this file and no other. */
    public static NvmlBackend withLibrary(Path library) {
        return new NvmlBackend(new Options().withLibrary(library));
    }

    @Override
    public String name() {
        return "nvml";
    }

    /**
     * The library, loaded if it was not yet and not initialised. Not at the same time as {@link #enumerate()}.
     *
     * @throws BackendUnavailableException if there is none that could be initialised
     */
    public Library library() throws BackendUnavailableException {
        Nvml library = driver.library();
        String list = DeviceFunctions.COMPUTE_PROCESSES.stream()
                .map(NvmlFunction::symbol)
                .filter(library::exports)
                .findFirst()
                .orElse("");
        return new Library(library.path(), library.version(), list, library.losses());
    }

    @Override
    public Inventory enumerate() throws BackendUnavailableException {
        driver.inLibrary.acquireUninterruptibly();
        try {
            if (closed) {
                throw new IllegalStateException("the backend is closed");
            }
            return listed(open());
        } catch (SessionEndedException e) {
            return afterReload(e);
        } finally {
            driver.inLibrary.release();
        }
    }

    @Override
    public void listen(Consumer<XidEvent> told, Consumer<CallFault> failed) {
        listener = new Listener(told, failed);
    }

    private Inventory listed(Session current) throws SessionEndedException, BackendUnavailableException {
        Inventory inventory = devices.read(current);
        Listener told = listener;
        if (told != null && current.nvml.tellsEvents()) {
            follow(inventory, current, "gpu-events", () -> new XidListener(current, told.xids(), told.faults()));
        }
        if (tellsActivity && current.nvml.tellsActivity()) {
            follow(inventory, current, "gpu-activity", () -> new ActivitySampler(current));
        }
        return inventory;
    }

    private void follow(Inventory inventory, Session current, String name, Supplier<SessionThread> starter) {
        SessionThread thread = threads.get(name);
        if (thread == null || thread.session != current) {
            thread = starter.get();
            threads.put(name, thread);
            thread.start(name);
        }
        thread.follow(inventory.gpus());
    }

    private Session open() throws BackendUnavailableException {
        Session current = session;
        if (current == null) {
            current = driver.start();
            session = current;
        }
        return current;
    }

    /** The driver's module was unloaded and perhaps loaded again: what the library knows of it is of no use. */
    private Inventory afterReload(SessionEndedException reason) throws BackendUnavailableException {
        session = null;
        driver.end(reason);
        try {
            return listed(open());
        } catch (SessionEndedException e) {
            // Let go, or two backends of one process would keep the dead session open for each other.
            session = null;
            throw driver.end(e)
                    ? new BackendUnavailableException(Reason.NO_DRIVER, "the driver is gone: " + e.fault(), e)
                    : new BackendUnavailableException(
                            Reason.FAILED, "the driver is gone (" + e.fault() + ") and a call still hangs in it", e);
        }
    }

    @Override
    public void close() {
        closed = true;
        session = null;
        driver.close();
    }
}
