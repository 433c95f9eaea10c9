package io.gpuagent.agent.cli.doctor;

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

/** The driver: does the main job once, by the means of the main job, and tells what came of it. */
public final class DriverCheck implements Check {

    /** How long the driver may take to be initialised, and each GPU to be read. */
    public static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final String ASK =
            "does nvidia-smi answer? If not, see dmesg for Xid errors and for what the module says;"
                    + " a driver that loads its GPUs anew for each client is quicker with nvidia-smi -pm 1";

    private static final Finding SILENCE = Finding.broken("driver", "no answer", ASK);

    private final Path procfs;
    private final Callable<Optional<Sampler>> start;
    private volatile @Nullable Module module;
    private volatile @Nullable Sampler sampler;

    /** @param start starts sampling; empty where there is no library to sample by */
    public DriverCheck(Path procfs, Callable<Optional<Sampler>> start) {
        this.procfs = procfs;
        this.start = start;
    }

    @Override
    public String name() {
        return "driver";
    }

    @Override
    public void look() throws Exception {
        module = Module.read(procfs);
        @Nullable Sampler started = start.call().orElse(null);
        sampler = started;
        if (started != null) {
            started.await(DoctorCommand.LIMIT);
        }
    }

    /** The newest sample; empty where there is nobody to sample by. */
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
                        "no kernel module: there is no " + module.file(),
                        "install NVIDIA's driver, or load it: modprobe nvidia; dmesg tells why it does not load")
                : Finding.ok("driver", "the kernel module " + module.version() + " is loaded");
    }

    private static Finding down(BackendState backend) {
        if (!backend.known() || backend.problem() == null) {
            return SILENCE;
        }
        String mend = switch (backend.problem()) {
            case NO_DRIVER -> "load the kernel module: modprobe nvidia; dmesg tells why it does not load";
            case DRIVER_REPLACED ->
                "load the new kernel module or reboot; make a container anew, so that it gets the host's library,"
                        + " and keep NVIDIA's libraries out of images";
            case NO_LIBRARY, FAILED -> ASK;
        };
        return Finding.broken("driver", backend.message(), mend);
    }

    private static Finding up(Snapshot snapshot, Module module) {
        BackendState backend = snapshot.backend();
        if (backend.name().equals("simulated")) {
            return Finding.limited(
                    "driver", "simulated: every figure is invented", "--backend=auto reads this node's driver");
        }
        String version = backend.driverVersion();
        if (!version.isEmpty() && !module.version().isEmpty() && !version.equals(module.version())) {
            return Finding.limited(
                    "driver",
                    version + ", and the kernel module is " + module.version() + ": upgraded underneath",
                    "load the new kernel module or reboot");
        }
        if (module.gpus() > snapshot.gpus().size()) {
            return Finding.limited(
                    "driver",
                    version + "; it has " + module.gpus() + " GPUs and lists "
                            + snapshot.gpus().size() + " to this process",
                    "NVIDIA_VISIBLE_DEVICES=all shows a container all of them, or CDI nvidia.com/gpu=all");
        }
        return Finding.ok("driver", version.isEmpty() ? "of unknown version" : version);
    }

    /**
     * What the kernel says of the driver's module.
     *
     * @param file where it says so
     * @param version empty where the module is not loaded
     * @param gpus how many it drives; 0 where that is not told
     */
    record Module(Path file, String version, long gpus) {

        private static final Pattern VERSION = Pattern.compile("\\b\\d{3}\\.\\d+(\\.\\d+)?\\b");

        static Module read(Path procfs) {
            Path version = procfs.resolve("driver/nvidia/version");
            return new Module(version, parse(HostChecks.text(version)), count(procfs.resolve("driver/nvidia/gpus")));
        }

        /** {@code NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build …}. */
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
