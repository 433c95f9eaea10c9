package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gpuagent.nvml.FakeNvml.Variant;
import io.gpuagent.testing.Requirement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests how the library is found and loaded, and what happens if it appears later or is replaced. */
@Timeout(120)
class LibraryTest {

    private static final String SCENARIO = "driver version=1.2.3\ndevice 0 uuid=GPU-a\nlibrary log=on\n";
    private static final List<String> SAMPLED =
            List.of("0 GPU-a memory=null processes=[] readings=[] faults=[] rejections=[]");

    private static final boolean NO_GPU = !Files.exists(Path.of("/dev/nvidia0"));

    @TempDir
    private Path directory;

    @Test
    void aLibraryAndADriverInstalledLaterAreFound() throws IOException {
        FakeNvml fake = FakeNvml.build(Variant.DRIVER_580, directory).play("driver code=9\n");
        Path hidden = Files.move(fake.library(), directory.resolve("hidden"));
        try (Probe probe = Probe.start(fake.library())) {
            assertEquals(List.of("NO_LIBRARY " + fake.library() + " does not exist"), probe.sample());
            assertEquals(List.of("NO_LIBRARY " + fake.library() + " does not exist"), probe.sample());
            Files.move(hidden, fake.library());
            for (int i = 0; i < 5; i++) {
                assertEquals(
                        List.of("NO_DRIVER nvmlInit_v2 returned DRIVER_NOT_LOADED (" + fake.library()
                                + "): the kernel module is not loaded"),
                        probe.sample());
            }
            fake.play(SCENARIO);
            assertEquals(SAMPLED, probe.sample());
        }
    }

    @Test
    void aFileThatIsNotALibraryFailsWithTheLoadersMessage() throws IOException {
        Path file = Files.writeString(directory.resolve("libnvidia-ml.so.1"), "not a library");
        try (Probe probe = Probe.start(file)) {
            String message = probe.sample().get(0);
            assertTrue(message.startsWith("NO_LIBRARY cannot load " + file + ": "), message);
            assertTrue(message.endsWith(": file too short") || message.endsWith(": invalid ELF header"), message);
            assertEquals(List.of(message), probe.sample());
            FakeNvml.build(Variant.DRIVER_580, directory).play(SCENARIO);
            assertEquals(SAMPLED, probe.sample(), "the file changed");
        }
    }

    @Test
    void anUnwritableTemporaryDirectoryIsNotReportedAsAMissingDriver() {
        FakeNvml fake = FakeNvml.build(Variant.DRIVER_580, directory).play(SCENARIO);
        Map<String, String> environment = Map.of("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=/nowhere");
        try (Probe probe = Probe.start(fake.library().toString(), "/", environment)) {
            String message = probe.sample().get(0);
            assertTrue(
                    message.startsWith("FAILED cannot write the native libraries to the temporary directory"), message);
            assertEquals(List.of(message), probe.sample());
        }
    }

    @Test
    void retriesMapNoLibraryTwice() throws IOException {
        try (Probe probe = Probe.start(directory.resolve("none"))) {
            for (int i = 0; i < 10; i++) {
                assertTrue(probe.sample().get(0).startsWith("NO_LIBRARY"));
            }
            assertEquals(
                    1,
                    Files.readAllLines(Path.of("/proc", Long.toString(probe.pid()), "maps")).stream()
                            .filter(line -> line.contains("libjnijavacpp.so"))
                            .map(line -> line.split(" +")[4]) // the inode
                            .distinct()
                            .count());
        }
    }

    @Test
    void afterADriverReloadNewHandlesAreUsed() {
        FakeNvml fake = FakeNvml.build(Variant.DRIVER_580, directory).play(SCENARIO);
        try (Probe probe = Probe.start(fake.library())) {
            assertEquals(SAMPLED, probe.sample());
            fake.play(SCENARIO + "library reload=1\n");
            assertEquals(SAMPLED, probe.sample());
            assertEquals(SAMPLED, probe.sample());
            fake.play("driver code=9\nlibrary log=on reload=2\n");
            assertTrue(probe.sample().get(0).startsWith("NO_DRIVER"));
            assertTrue(probe.sample().get(0).startsWith("NO_DRIVER"));
            fake.play(SCENARIO + "library reload=2\n");
            assertEquals(SAMPLED, probe.sample());
        }
        assertEquals(3, fake.calls("nvmlShutdown"), "one for each session");
        assertEquals(5, fake.calls("nvmlInit_v2"), "one for each session, and two that failed");
    }

    @Test
    void aLibraryReplacedOnDiskIsDetectedWhenTheDriverIsReloaded() throws IOException {
        FakeNvml fake = FakeNvml.build(Variant.DRIVER_580, directory).play(SCENARIO);
        try (Probe probe = Probe.start(fake.library())) {
            assertEquals(SAMPLED, probe.sample());
            Files.copy(fake.library(), directory.resolve("next"));
            Files.delete(fake.library());
            Files.move(directory.resolve("next"), fake.library());
            assertEquals(SAMPLED, probe.sample(), "the mapped library keeps working");
            fake.play(SCENARIO + "library reload=1\n");
            assertEquals(
                    List.of("DRIVER_REPLACED " + fake.library() + " was replaced after this process loaded it"),
                    probe.sample());
        }
    }

    @Test
    void aRedirectedLinkIsAReplacement() throws IOException {
        FakeNvml fake = FakeNvml.build(Variant.DRIVER_580, directory).play(SCENARIO);
        Path one = Files.move(fake.library(), directory.resolve("libnvidia-ml.so.1.2.3"));
        Path other = Files.copy(one, directory.resolve("libnvidia-ml.so.1.2.4"));
        Files.createSymbolicLink(fake.library(), one.getFileName());
        try (Probe probe = Probe.start(fake.library())) {
            assertEquals(SAMPLED, probe.sample());
            Files.delete(fake.library());
            Files.createSymbolicLink(fake.library(), other.getFileName());
            fake.play(SCENARIO + "library reload=1\n");
            assertEquals(
                    List.of("DRIVER_REPLACED " + one + " was replaced after this process loaded it"), probe.sample());
        }
    }

    @Test
    void aKernelModuleOfAnotherVersionIsAReplacement() {
        FakeNvml fake = FakeNvml.build(Variant.DRIVER_580, directory).play("driver code=18\n");
        try (Probe probe = Probe.start(fake.library())) {
            String message = probe.sample().get(0);
            assertTrue(message.startsWith("DRIVER_REPLACED nvmlInit_v2 returned LIB_RM_VERSION_MISMATCH"), message);
        }
    }

    @Test
    void theLibraryOnTheDynamicLoadersPathIsFound() {
        FakeNvml fake = FakeNvml.build(Variant.DRIVER_580, directory).play(SCENARIO);
        try (Probe probe = Probe.start("", "/", Map.of("LD_LIBRARY_PATH", directory.toString()))) {
            assertEquals(SAMPLED, probe.sample());
        }
    }

    @Test
    void theHostsLibraryIsFoundThroughTheHostsLinks() throws IOException {
        assumeTrue(NO_GPU, "this machine's own library would be found first");
        FakeNvml fake = FakeNvml.build(Variant.DRIVER_580, directory.resolve("root/opt/driver"))
                .play(SCENARIO);
        Path root = directory.resolve("root");
        Path folder = Files.createDirectories(root.resolve("usr/lib/x86_64-linux-gnu"));
        Files.createDirectories(root.resolve("etc/alternatives"));
        Files.createSymbolicLink(folder.resolve("libnvidia-ml.so.1"), Path.of("/etc/alternatives/nvidia-ml"));
        Files.createSymbolicLink(
                root.resolve("etc/alternatives/nvidia-ml"), Path.of("../../opt/driver/libnvidia-ml.so.1"));
        try (Probe probe = Probe.start("", root.toString(), Map.of())) {
            assertEquals(SAMPLED, probe.sample());
        }
        assertEquals(1, fake.calls("nvmlInit_v2"));
    }

    @Test
    void withoutALibraryTheMessageIsStableAndNoFilesAreWritten() throws IOException {
        assumeTrue(NO_GPU, "this machine's own library would be found first");
        Path temporary = Files.createDirectory(directory.resolve("tmp"));
        Map<String, String> environment = Map.of("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=" + temporary);
        Path root = Files.createDirectory(directory.resolve("root"));
        try (Probe probe = Probe.start("", root.toString(), environment)) {
            List<String> message = List.of("NO_LIBRARY libnvidia-ml.so.1 was not found by the dynamic loader"
                    + " nor in the usual directories below " + root + " and /; set --nvml.library to its path");
            assertEquals(message, probe.sample());
            FileTime extracted = Files.getLastModifiedTime(temporary);
            for (int i = 0; i < 5; i++) {
                assertEquals(message, probe.sample());
            }
            assertEquals(extracted, Files.getLastModifiedTime(temporary), "nothing changed, so nothing is tried");
            FakeNvml.build(Variant.DRIVER_580, root.resolve("usr/lib64")).play(SCENARIO);
            assertEquals(SAMPLED, probe.sample());
            assertEquals(0, temporary.toFile().list().length);
        }
    }

    @Test
    void aLibraryAddedLaterToTheLoadersPathIsFound() throws IOException {
        assumeTrue(NO_GPU, "this machine's own library would be found first");
        FakeNvml fake = FakeNvml.build(Variant.DRIVER_580, directory).play(SCENARIO);
        Path hidden = Files.move(fake.library(), directory.resolve("hidden"));
        try (Probe probe = Probe.start("", "/", Map.of("LD_LIBRARY_PATH", directory.toString()))) {
            assertTrue(probe.sample().get(0).startsWith("NO_LIBRARY"));
            assertTrue(probe.sample().get(0).startsWith("NO_LIBRARY"));
            Files.move(hidden, fake.library());
            assertEquals(SAMPLED, probe.sample());
        }
    }

    @Test
    void genuineLibrariesReportAMissingDriverRepeatedly() {
        String directories = System.getenv("GPUAGENT_GENUINE_NVML");
        Requirement.of(
                "NVIDIA's own library",
                directories != null,
                "set GPUAGENT_GENUINE_NVML to a directory with 470/ and 535/, filled by .ci/genuine-nvml");
        assumeTrue(NO_GPU, "this machine has a driver");
        for (String branch : List.of("470", "535")) {
            try (Probe probe = Probe.start(Path.of(directories, branch, "libnvidia-ml.so.1"))) {
                for (int i = 0; i < 3; i++) {
                    String message = probe.sample().get(0);
                    assertTrue(message.startsWith("NO_DRIVER nvmlInit_v2 returned DRIVER_NOT_LOADED"), message);
                }
            }
        }
    }
}
