package io.gpuagent.agent.doctor;

import io.gpuagent.usage.BackendState;
import io.gpuagent.usage.Sampler;
import io.gpuagent.usage.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Checks the driver by doing what the agent does: sampling all GPUs. */
public final class DriverCheck implements Check {

    /** The time limit for initializing the driver, and for reading each GPU. */
    public static final Duration DEADLINE = Duration.ofSeconds(5);

    private static final String ASK =
            "check that nvidia-smi answers; if not, look in dmesg for Xid errors and messages of the kernel module;"
                    + " if the driver initialises its GPUs for each client, enable persistence mode: nvidia-smi -pm 1";

    private static final Finding SILENCE = Finding.broken("driver", "no answer", ASK);

    private final Path procfs;
    private final Callable<Optional<Sampler>> start;
    private volatile @Nullable Module module;
    private volatile @Nullable Sampler sampler;

    /** @param start starts sampling; returns empty if there is no usable library */
    public DriverCheck(Path procfs, Callable<Optional<Sampler>> start) {
        this.procfs = procfs;
        this.start = start;
    }

    @Override
    public String name() {
        return "driver";
    }

    @Override
    public void run() throws Exception {
        module = Module.read(procfs);
        @Nullable Sampler started = start.call().orElse(null);
        sampler = started;
        if (started != null) {
            started.await(DoctorCommand.LIMIT);
        }
    }

    /** The newest snapshot; empty if there is no sampler. */
    Optional<Snapshot> snapshot() {
        return Optional.ofNullable(sampler).map(Sampler::current);
    }

    @Override
    public List<Finding> findings() {
        @Nullable Module seen = module;
        return seen == null ? List.of(SILENCE) : judge(snapshot().orElse(null), seen);
    }

    static List<Finding> judge(@Nullable Snapshot snapshot, Module module) {
        if (snapshot == null) {
            return List.of(withoutLibrary(module));
        }
        if (!snapshot.backend().up()) {
            return List.of(down(snapshot.backend()));
        }
        List<Finding> findings = new ArrayList<>();
        findings.add(up(snapshot, module));
        findings.addAll(GpuFindings.of(snapshot));
        return findings;
    }

    private static Finding withoutLibrary(Module module) {
        return module.version().isEmpty()
                ? Finding.broken(
                        "driver",
                        "no kernel module: " + module.file() + " does not exist",
                        "install NVIDIA's driver, or load it with modprobe nvidia; dmesg shows why it does not load")
                : Finding.ok("driver", "the kernel module " + module.version() + " is loaded");
    }

    private static Finding down(BackendState backend) {
        if (!backend.known() || backend.problem() == null) {
            return SILENCE;
        }
        String fix = switch (backend.problem()) {
            case NO_DRIVER -> "load the kernel module: modprobe nvidia; dmesg shows why it does not load";
            case NO_GPU ->
                "bind a GPU to NVIDIA's driver; lspci -k -d 10de: shows the driver of each, such as vfio-pci for a GPU"
                        + " that is passed through to a virtual machine";
            case DRIVER_REPLACED ->
                "load the new kernel module or reboot; recreate the container, so that it gets the host's library,"
                        + " and do not ship NVIDIA's libraries in images";
            case NO_LIBRARY, FAILED -> ASK;
        };
        return Finding.broken("driver", backend.message(), fix);
    }

    private static Finding up(Snapshot snapshot, Module module) {
        BackendState backend = snapshot.backend();
        if (backend.name().equals("simulated")) {
            return Finding.limited(
                    "driver", "simulated: no figure is real", "use --backend=auto to read this node's driver");
        }
        String version = backend.driverVersion();
        if (!version.isEmpty() && !module.version().isEmpty() && !version.equals(module.version())) {
            return Finding.limited(
                    "driver",
                    version + ", but the kernel module is " + module.version() + ": the driver was upgraded",
                    "load the new kernel module or reboot");
        }
        if (module.gpus() > snapshot.gpus().size()) {
            return Finding.limited(
                    "driver",
                    version + "; " + snapshot.gpus().size() + " of its " + module.gpus()
                            + " GPUs are visible to this process",
                    "to make all GPUs visible to a container, set NVIDIA_VISIBLE_DEVICES=all or use CDI nvidia.com/gpu=all");
        }
        return Finding.ok("driver", version.isEmpty() ? "unknown version" : version);
    }

    /**
     * The driver's kernel module, as /proc shows it.
     *
     * @param file the file that the version is read from
     * @param version empty if the module is not loaded
     * @param gpus the number of GPUs that it drives; 0 if unknown
     */
    record Module(Path file, String version, long gpus) {

        private static final Pattern VERSION = Pattern.compile("\\b\\d{3}\\.\\d+(\\.\\d+)?\\b");

        static Module read(Path procfs) {
            Path version = procfs.resolve("driver/nvidia/version");
            return new Module(version, parse(HostChecks.text(version)), count(procfs.resolve("driver/nvidia/gpus")));
        }

        /**
         * Parses the version from {@code NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release
         * Build …}.
         */
        static String parse(String text) {
            Matcher version = VERSION.matcher(text);
            return version.find() ? version.group() : "";
        }

        private static long count(Path directory) {
            try (Stream<Path> gpus = Files.list(directory)) {
                return gpus.count();
            } catch (IOException e) {
                return 0;
            }
        }
    }
}
