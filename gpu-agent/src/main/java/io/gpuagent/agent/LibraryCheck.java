package io.gpuagent.agent;

import io.gpuagent.agent.cli.doctor.Check;
import io.gpuagent.agent.cli.doctor.Finding;
import io.gpuagent.device.BackendUnavailableException;
import io.gpuagent.nvml.NvmlBackend;
import io.gpuagent.nvml.NvmlBackend.Library;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** NVIDIA's management library: found, loaded, and what it lacks. */
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
    public void look() {
        try {
            library = backend.library();
        } catch (BackendUnavailableException e) {
            refusal = e;
        } finally {
            ended.countDown();
        }
    }

    /** Whether there is a library to go on with; waits until that is known. */
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
                        ? Finding.broken("library", String.valueOf(refused.getMessage()), mend(refused.reason()))
                        : Finding.broken("library", "loading it does not end", "is its file system reachable?"));
    }

    private static String mend(BackendUnavailableException.Reason reason) {
        return reason == BackendUnavailableException.Reason.NO_LIBRARY
                ? "on a host install NVIDIA's driver; start a container with --runtime=nvidia (Kubernetes: runtimeClassName:"
                        + " nvidia) and NVIDIA_DRIVER_CAPABILITIES=utility, or by CDI"
                : "gpu-agent doctor --log.level=debug tells each place that was tried";
    }

    static List<Finding> found(Library library) {
        List<Finding> findings = new ArrayList<>();
        String version = library.version().isEmpty() ? "" : ", NVML " + library.version();
        String list = library.processList().isEmpty() ? "" : ", processes by " + library.processList();
        findings.add(Finding.ok("library", library.path() + version + list));
        library.losses()
                .forEach((lost, functions) -> findings.add(Finding.limited(
                        "library",
                        "lacks " + String.join(", ", functions) + "; not told: " + lost,
                        "a newer driver has it")));
        return findings;
    }
}
