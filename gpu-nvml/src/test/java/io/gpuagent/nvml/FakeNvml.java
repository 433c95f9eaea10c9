package io.gpuagent.nvml;

import io.gpuagent.testing.Requirement;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A stand-in for {@code libnvidia-ml.so.1}, compiled into a directory of its own. Its features are documented in {@code
 * fake-nvml/nvml.c}. A process can map only one library, so a test of another library needs another process.
 */
public final class FakeNvml {

    /**
     * The driver versions that the library can imitate. They differ in the functions that they export and in the layout
     * of process lists.
     */
    public enum Variant {
        DRIVER_418(
                24,
                "_v2 lists",
                "_v3 lists",
                "MPS lists",
                "nvmlDeviceGetMigMode",
                "nvmlDeviceGetMemoryInfo_v2",
                "nvmlEventSetWait_v2",
                "Ampere",
                "R520",
                "R535",
                "R550",
                "R570",
                "R580"),
        DRIVER_470(24, "_v3 lists", "nvmlDeviceGetMemoryInfo_v2", "R520", "R535", "R550", "R570", "R580"),
        DRIVER_535_EARLY(32, "nvmlDeviceGetRunningProcessDetailList", "R550", "R570", "R580"),
        DRIVER_580(24);

        private final int stride;
        private final Set<String> missing = new TreeSet<>();

        Variant(int stride, String... missing) {
            this.stride = stride;
            for (String name : missing) {
                this.missing.addAll(expand(name));
            }
        }

        private static List<String> expand(String name) {
            return switch (name) {
                case "_v2 lists" -> lists("_v2");
                case "_v3 lists" -> lists("_v3");
                case "MPS lists" ->
                    List.of(
                            "nvmlDeviceGetMPSComputeRunningProcesses",
                            "nvmlDeviceGetMPSComputeRunningProcesses_v2",
                            "nvmlDeviceGetMPSComputeRunningProcesses_v3");
                case "R520" ->
                    List.of(
                            "nvmlGpmQueryDeviceSupport",
                            "nvmlGpmSampleAlloc",
                            "nvmlGpmSampleFree",
                            "nvmlGpmSampleGet",
                            "nvmlGpmMetricsGet");
                case "R535" ->
                    List.of(
                            "nvmlDeviceGetConfComputeMemSizeInfo",
                            "nvmlDeviceGetConfComputeProtectedMemoryUsage",
                            "nvmlDeviceGetGpuMaxPcieLinkGeneration",
                            "nvmlDeviceGetGspFirmwareMode",
                            "nvmlDeviceGetRunningProcessDetailList",
                            "nvmlDeviceGetCurrentClocksEventReasons");
                case "Ampere" ->
                    List.of(
                            "nvmlDeviceGetGridLicensableFeatures_v4",
                            "nvmlDeviceGetRemappedRows",
                            "nvmlDeviceGetRowRemapperHistogram",
                            "nvmlDeviceGetJpgUtilization",
                            "nvmlDeviceGetOfaUtilization",
                            "nvmlDeviceGetMaxMigDeviceCount",
                            "nvmlDeviceGetMigDeviceHandleByIndex",
                            "nvmlDeviceGetGpuInstanceId",
                            "nvmlDeviceGetComputeInstanceId");
                case "R550" ->
                    List.of(
                            "nvmlDeviceGetProcessesUtilizationInfo",
                            "nvmlDeviceGetC2cModeInfoV",
                            "nvmlDeviceGetGpuFabricInfoV",
                            "nvmlDeviceGetSramEccErrorStatus");
                case "R570" -> List.of("nvmlDeviceGetTemperatureV", "nvmlDeviceGetMarginTemperature");
                case "R580" -> List.of("nvmlDeviceGetAddressingMode");
                default -> List.of(name);
            };
        }

        private static List<String> lists(String suffix) {
            return List.of("Compute", "Graphics", "MPSCompute").stream()
                    .map(kind -> "nvmlDeviceGet" + kind + "RunningProcesses" + suffix)
                    .toList();
        }
    }

    private static final List<String> SOURCES = List.of(
            "nvml.c",
            "readings.c",
            "fields.c",
            "mig.c",
            "utilization.c",
            "accounting.c",
            "gpm.c",
            "events.c",
            "fake.h",
            "scenario.c",
            "scenario.h");

    private final Path directory;

    private FakeNvml(Path directory) {
        this.directory = directory;
    }

    /**
     * Builds the library into a directory.
     *
     * @param omitted further functions to leave out, in addition to those that the variant lacks
     */
    public static FakeNvml build(Variant variant, Path directory, String... omitted) {
        Requirement.require(Requirement.CC);
        try {
            Files.createDirectories(directory);
            for (String source : SOURCES) {
                try (InputStream in = FakeNvml.class.getResourceAsStream("/fake-nvml/" + source)) {
                    Files.copy(in, directory.resolve(source), StandardCopyOption.REPLACE_EXISTING);
                }
            }
            Set<String> local = new TreeSet<>(variant.missing);
            local.addAll(List.of(omitted));
            String hidden = String.join("; ", local) + (local.isEmpty() ? "" : ";");
            Files.writeString(directory.resolve("exports"), "{ global: nvml*; local: " + hidden + " *; };\n");
            cc(directory, variant.stride);
            return new FakeNvml(directory).play("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void cc(Path directory, int stride) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("cc", "-std=gnu11", "-O1", "-Wall", "-Werror", "-shared", "-fPIC"));
        command.add("-DSTRIDE_V3=" + stride);
        command.addAll(List.of("-Wl,-soname,libnvidia-ml.so.1", "-Wl,-Bsymbolic", "-Wl,--version-script,exports"));
        command.addAll(List.of("-o", "libnvidia-ml.so.1"));
        command.addAll(List.of(
                "nvml.c",
                "readings.c",
                "fields.c",
                "accounting.c",
                "gpm.c",
                "events.c",
                "scenario.c",
                "-lpthread",
                "-ldl"));
        run(command, directory);
    }

    private static void run(List<String> command, Path directory) throws IOException {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + ":\n" + output);
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    public Path library() {
        return directory.resolve("libnvidia-ml.so.1");
    }

    /** Replaces the scenario. Every process that has mapped the library plays it from now on. */
    public FakeNvml play(String scenario) {
        try {
            Path next = Files.writeString(directory.resolve("scenario.next"), scenario);
            Files.move(next, directory.resolve("scenario"), StandardCopyOption.ATOMIC_MOVE);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The calls that were logged while the scenario contained {@code library log=on}. Each consists of the function's
     * name and the index of the device, which is -1 for calls without a device.
     */
    public List<String> calls() {
        try {
            Path calls = directory.resolve("calls");
            return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The number of logged calls of a function. */
    public long calls(String function) {
        return calls().stream().filter(call -> call.startsWith(function + " ")).count();
    }
}
