package io.gpuagent.nvml;

import io.gpuagent.device.BackendUnavailableException;
import io.gpuagent.device.BackendUnavailableException.Reason;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.LibraryNotLoadedException;
import io.gpuagent.nvml.binding.LibrarySearch;
import io.gpuagent.nvml.binding.Nvml;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The driver as one backend sees it: starts sessions with it and ends them, each initialisation paired with at most one shutdown. */
final class Driver {

    private static final Logger LOG = System.getLogger(Driver.class.getName());
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Path MODULE_VERSION = Path.of("/proc/driver/nvidia/version");

    private final LibrarySearch search;
    private @Nullable LibraryNotLoadedException refusal;

    /** A permit for each thread in the library, which must not be shut down under one: its handles and locks would go with it. */
    final Semaphore inLibrary = new Semaphore(Integer.MAX_VALUE);

    /** Those that the library was not shut down for: the newest, and ended ones that a call hangs in. */
    private final List<Session> sessions = new CopyOnWriteArrayList<>();

    Driver(LibrarySearch search) {
        this.search = search;
    }

    /** Starts a session once all before it have ended. */
    Session start() throws BackendUnavailableException {
        // Else the new initialisation would only add to the count of one that the driver no longer knows.
        shutDown(1, Duration.ZERO);
        Nvml library = library();
        int code = library.init();
        if (code != ReturnCode.SUCCESS) {
            throw refused(code, library);
        }
        Session session = new Session(library, inLibrary);
        sessions.add(session);
        LOG.log(Level.INFO, "NVML initialised: {0}, driver {1}", library.path(), session.driverVersion);
        return session;
    }

    /** The library, fit to be initialised. */
    Nvml library() throws BackendUnavailableException {
        Nvml library = load();
        if (library.replaced()) {
            throw new BackendUnavailableException(
                    Reason.DRIVER_REPLACED, library.path() + " was replaced after this process had loaded it");
        }
        List<String> missing = library.missingEssentials();
        if (!missing.isEmpty()) {
            throw new BackendUnavailableException(
                    Reason.FAILED, library.path() + " lacks " + String.join(", ", missing));
        }
        return library;
    }

    private Nvml load() throws BackendUnavailableException {
        try {
            return Nvml.load(search, refusal);
        } catch (LibraryNotLoadedException e) {
            refusal = e;
            Reason reason = e.absent() ? Reason.NO_LIBRARY : Reason.FAILED;
            throw new BackendUnavailableException(reason, String.valueOf(e.getMessage()), e);
        }
    }

    private static BackendUnavailableException refused(int code, Nvml library) {
        String answer = Nvml.INIT + " answered " + ReturnCode.name(code) + " (" + library.path() + ")";
        return switch (code) {
            case ReturnCode.DRIVER_NOT_LOADED ->
                new BackendUnavailableException(Reason.NO_DRIVER, answer + ": the kernel module is not loaded");
            case ReturnCode.LIB_RM_VERSION_MISMATCH ->
                new BackendUnavailableException(
                        Reason.DRIVER_REPLACED,
                        answer + ": the library does not fit the loaded module" + moduleVersion());
            case ReturnCode.LIBRARY_NOT_FOUND -> new BackendUnavailableException(Reason.NO_LIBRARY, answer);
            default ->
                new BackendUnavailableException(
                        Reason.FAILED, answer + "; can this process open /dev/nvidiactl and /dev/nvidia*?");
        };
    }

    private static String moduleVersion() {
        try {
            return ", " + Files.readAllLines(MODULE_VERSION).get(0);
        } catch (IOException | IndexOutOfBoundsException e) {
            return "";
        }
    }

    /**
     * Ends a session that the driver no longer knows. The caller itself counts as one call in flight.
     *
     * @return whether the library was shut down; not where a call hangs in it. A session may be started all the same.
     */
    boolean end(SessionEndedException reason) {
        LOG.log(Level.INFO, "The driver was reloaded: {0}", reason.fault());
        return shutDown(1, sessions.size() > 1 ? Duration.ZERO : PATIENCE);
    }

    void close() {
        if (!shutDown(0, PATIENCE)) {
            LOG.log(Level.WARNING, "NVML is not shut down: a call hangs in it");
        }
    }

    /** Ends all sessions, and pairs each initialisation with a shutdown as soon as no more threads than these are in the library. */
    private boolean shutDown(int threads, Duration patience) {
        sessions.forEach(Session::retire);
        if (!sessions.isEmpty() && !isLeft(threads, patience)) {
            return false;
        }
        sessions.forEach(session -> session.nvml.shutdown());
        sessions.clear();
        return true;
    }

    /** Whether within the time no more threads than these were in the library. */
    private boolean isLeft(int threads, Duration patience) {
        int others = Integer.MAX_VALUE - threads;
        try {
            if (!inLibrary.tryAcquire(others, patience.toNanos(), TimeUnit.NANOSECONDS)) {
                return false;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        inLibrary.release(others);
        return true;
    }
}
