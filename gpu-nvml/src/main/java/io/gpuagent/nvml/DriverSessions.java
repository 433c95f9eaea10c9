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

/** The driver sessions of one backend. Each initialization of the library is followed by at most one shutdown. */
final class DriverSessions {

    private static final Logger LOG = System.getLogger(DriverSessions.class.getName());
    private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(1);
    private static final Path MODULE_VERSION = Path.of("/proc/driver/nvidia/version");

    private final LibrarySearch search;
    private @Nullable LibraryNotLoadedException lastFailure;

    /**
     * A thread holds one permit while it is inside the library. The library is shut down only when no other thread is
     * inside, because a shutdown frees the handles and locks that a call in progress uses.
     */
    final Semaphore inLibrary = new Semaphore(Integer.MAX_VALUE);

    /** Sessions that have not been shut down: the newest one, and ended ones in which a call hangs. */
    private final List<Session> open = new CopyOnWriteArrayList<>();

    DriverSessions(LibrarySearch search) {
        this.search = search;
    }

    /** Starts a session. Shuts down earlier sessions first if no call is in progress. */
    Session start() throws BackendUnavailableException {
        // NVML counts initializations (nvml.h). Without the shutdown, the new one would only increment the count, and
        // the library would keep the state that the driver has discarded.
        shutDown(1, Duration.ZERO);
        Nvml library = library();
        int code = library.init();
        if (code != ReturnCode.SUCCESS) {
            throw initFailed(code, library);
        }
        Session session = new Session(library, inLibrary);
        open.add(session);
        LOG.log(Level.INFO, "NVML initialized: {0}, driver {1}", library.path(), session.driverVersion);
        return session;
    }

    /**
     * Returns the library without initializing it. Throws if its file was replaced or if it lacks essential functions.
     */
    Nvml library() throws BackendUnavailableException {
        Nvml library = load();
        if (library.replaced()) {
            throw new BackendUnavailableException(
                    Reason.DRIVER_REPLACED, library.path() + " was replaced after this process loaded it");
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
            return Nvml.load(search, lastFailure);
        } catch (LibraryNotLoadedException e) {
            lastFailure = e;
            Reason reason = e.absent() ? Reason.NO_LIBRARY : Reason.FAILED;
            throw new BackendUnavailableException(reason, String.valueOf(e.getMessage()), e);
        }
    }

    private static BackendUnavailableException initFailed(int code, Nvml library) {
        String result = Nvml.INIT + " returned " + ReturnCode.name(code) + " (" + library.path() + ")";
        return switch (code) {
            case ReturnCode.DRIVER_NOT_LOADED ->
                new BackendUnavailableException(Reason.NO_DRIVER, result + ": the kernel module is not loaded");
            case ReturnCode.GPU_NOT_FOUND ->
                new BackendUnavailableException(Reason.NO_GPU, "no GPU is bound to NVIDIA's driver: " + result);
            case ReturnCode.LIB_RM_VERSION_MISMATCH ->
                new BackendUnavailableException(
                        Reason.DRIVER_REPLACED,
                        result + ": the library does not match the loaded kernel module" + moduleVersion());
            case ReturnCode.LIBRARY_NOT_FOUND -> new BackendUnavailableException(Reason.NO_LIBRARY, result);
            default ->
                new BackendUnavailableException(
                        Reason.FAILED, result + "; can this process open /dev/nvidiactl and /dev/nvidia*?");
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
     * Ends the session that the driver has discarded. The caller must hold one permit of {@link #inLibrary}.
     *
     * @return whether the library was shut down; false if a call hangs in it. A new session may be started in either
     *     case.
     */
    boolean end(SessionEndedException reason) {
        LOG.log(Level.INFO, "The driver was reloaded: {0}", reason.fault());
        return shutDown(1, open.size() > 1 ? Duration.ZERO : DRAIN_TIMEOUT);
    }

    void close() {
        if (!shutDown(0, DRAIN_TIMEOUT)) {
            LOG.log(Level.WARNING, "NVML was not shut down: a call to it hangs");
        }
    }

    /**
     * Retires all sessions. If at most {@code threads} threads remain inside the library within the timeout, shuts it
     * down once per session. Returns whether it did.
     */
    private boolean shutDown(int threads, Duration timeout) {
        open.forEach(Session::retire);
        if (!open.isEmpty() && !isDrained(threads, timeout)) {
            return false;
        }
        open.forEach(session -> session.nvml.shutdown());
        open.clear();
        return true;
    }

    /** Whether the number of threads inside the library fell to {@code threads} within the timeout. */
    private boolean isDrained(int threads, Duration timeout) {
        int others = Integer.MAX_VALUE - threads;
        try {
            if (!inLibrary.tryAcquire(others, timeout.toNanos(), TimeUnit.NANOSECONDS)) {
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
