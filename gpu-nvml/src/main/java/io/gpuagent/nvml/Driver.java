package io.gpuagent.nvml;

import io.gpuagent.device.BackendUnavailableException;
import io.gpuagent.device.BackendUnavailableException.Reason;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.LibraryNotLoadedException;
import io.gpuagent.nvml.binding.LibrarySearch;
import io.gpuagent.nvml.binding.Nvml;
import io.gpuagent.nvml.binding.NvmlLibrary;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The driver as one backend sees it: starts sessions with it and ends them, each start paired with at most one end. */
final class Driver {

    private static final Logger LOG = System.getLogger(Driver.class.getName());
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Path MODULE_VERSION = Path.of("/proc/driver/nvidia/version");

    private final LibrarySearch search;
    private final CallsInFlight calls = new CallsInFlight();

    Driver(LibrarySearch search) {
        this.search = search;
    }

    CallsInFlight calls() {
        return calls;
    }

    Session start() throws BackendUnavailableException {
        NvmlLibrary library = load();
        if (library.replaced()) {
            throw new BackendUnavailableException(
                    Reason.DRIVER_REPLACED, library.path() + " was replaced after this process had loaded it");
        }
        Nvml nvml = library.functions();
        List<String> missing = nvml.missingEssentials();
        if (!missing.isEmpty()) {
            throw new BackendUnavailableException(
                    Reason.FAILED, library.path() + " lacks " + String.join(", ", missing));
        }
        int code = nvml.init();
        if (code != ReturnCode.SUCCESS) {
            throw refused(code, library);
        }
        Session session = new Session(nvml, calls);
        LOG.log(Level.INFO, "NVML initialised: {0}, driver {1}", library.path(), session.driverVersion());
        return session;
    }

    private NvmlLibrary load() throws BackendUnavailableException {
        try {
            return NvmlLibrary.load(search);
        } catch (LibraryNotLoadedException e) {
            Reason reason = e.absent() ? Reason.NO_LIBRARY : Reason.FAILED;
            throw new BackendUnavailableException(reason, String.valueOf(e.getMessage()), e);
        }
    }

    private static BackendUnavailableException refused(int code, NvmlLibrary library) {
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

    /** Ends a session that the driver no longer knows. The caller itself counts as one call in flight. */
    void end(Session session, SessionEndedException reason) throws BackendUnavailableException {
        session.retire();
        if (!calls.drainTo(1, PATIENCE)) {
            throw new BackendUnavailableException(
                    Reason.FAILED,
                    "the driver was reloaded (" + reason.fault() + ") and a call still hangs in it",
                    reason);
        }
        session.shutdown();
        LOG.log(Level.INFO, "The driver was reloaded: {0}", reason.fault());
    }

    void close(Session session) {
        session.retire();
        if (calls.drainTo(0, PATIENCE)) {
            session.shutdown();
        } else {
            LOG.log(Level.WARNING, "NVML is not shut down: a call hangs in it");
        }
    }
}
