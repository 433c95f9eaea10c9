package io.gpuagent.agent.doctor;

import io.gpuagent.device.BackendUnavailableException;
import io.gpuagent.nvml.NvmlBackend;
import io.gpuagent.nvml.NvmlBackend.Library;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Checks NVIDIA's management library (NVML): whether it can be found and loaded, and which functions it lacks. */
final class LibraryCheck implements Check {

    private final NvmlBackend backend;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile @Nullable Library library;
    private volatile @Nullable BackendUnavailableException refusal;

    LibraryCheck(NvmlBackend backend) {
        this.backend = backend;
    }

    @Override
    public String name() {
        return "library";
    }

    @Override
    public void run() {
        try {
            library = backend.library();
        } catch (BackendUnavailableException e) {
            refusal = e;
        } finally {
            ended.countDown();
        }
    }

    /** Whether the library is usable; waits until that is known. */
    boolean isUsable() throws InterruptedException {
        ended.await();
        return library != null;
    }

    @Override
    public List<Finding> findings() {
        @Nullable Library found = library;
        @Nullable BackendUnavailableException refused = refusal;
        if (found != null) {
            return found(found);
        }
        return List.of(
                refused != null
                        ? Finding.broken("library", String.valueOf(refused.getMessage()), fix(refused.reason()))
                        : Finding.broken("library", "loading timed out", "check that its file system is reachable"));
    }

    private static String fix(BackendUnavailableException.Reason reason) {
        return reason == BackendUnavailableException.Reason.NO_LIBRARY
                ? "on a host, install NVIDIA's driver; in a container, use --runtime=nvidia (Kubernetes: runtimeClassName:"
                        + " nvidia) and NVIDIA_DRIVER_CAPABILITIES=utility, or CDI"
                : "gpu-agent doctor --log.level=debug lists every location tried";
    }

    static List<Finding> found(Library library) {
        List<Finding> findings = new ArrayList<>();
        String version = library.version().isEmpty() ? "" : ", NVML " + library.version();
        String list = library.processList().isEmpty() ? "" : ", process list by " + library.processList();
        findings.add(Finding.ok("library", library.path() + version + list));
        library.missingFunctions()
                .forEach((lost, functions) -> findings.add(Finding.limited(
                        "library",
                        "lacks " + String.join(", ", functions) + "; unavailable: " + lost,
                        "install a newer driver")));
        return findings;
    }
}
