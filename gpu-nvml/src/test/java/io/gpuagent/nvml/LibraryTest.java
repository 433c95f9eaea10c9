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

/** How the library is found, loaded, waited for and given up. */
@Timeout(120)
class LibraryTest {

    private static final String WORLD = "driver version=1.2.3\ndevice 0 uuid=GPU-a\nlibrary log=on\n";
    private static final List<String> SEEN =
            List.of("0 GPU-a memory=null processes=[] readings=[] faults=[] rejections=[]");

    private static final boolean NO_CARD = !Files.exists(Path.of("/dev/nvidia0"));

    @TempDir
    private Path directory;

    @Test
    void aLibraryAndADriverThatComeLateAreFound() throws IOException {
        FakeNvml fake = FakeNvml.build(Variant.DRIVER_580, directory).play("driver code=9\n");
        Path hidden = Files.move(fake.library(), directory.resolve("hidden"));
        try (Probe probe = Probe.start(fake.library())) {
            assertEquals(List.of("NO_LIBRARY " + fake.library() + " is not there"), probe.sample());
            assertEquals(List.of("NO_LIBRARY " + fake.library() + " is not there"), probe.sample());
            Files.move(hidden, fake.library());
            for (int i = 0; i < 5; i++) {
                assertEquals(
                        List.of("NO_DRIVER nvmlInit_v2 answered DRIVER_NOT_LOADED (" + fake.library()
                                + "): the kernel module is not loaded"),
                        probe.sample());
            }
            fake.play(WORLD);
            assertEquals(SEEN, probe.sample());
        }
    }

    @Test
    void aFileThatIsNoLibraryIsRefusedWithTheLoadersWords() throws IOException {
        Path file = Files.writeString(directory.resolve("libnvidia-ml.so.1"), "not a library");
        try (Probe probe = Probe.start(file)) {
            String answer = probe.sample().get(0);
            assertTrue(answer.startsWith("NO_LIBRARY cannot load " + file + ": "), answer);
            assertTrue(answer.endsWith(": file too short") || answer.endsWith(": invalid ELF header"), answer);
            assertEquals(List.of(answer), probe.sample());
            FakeNvml.build(Variant.DRIVER_580, directory).play(WORLD);
            assertEquals(SEEN, probe.sample(), "the file has changed");
        }
    }

    @Test
    void aTemporaryDirectoryThatCannotBeWrittenIsNotTakenForAMissingDriver() {
        FakeNvml fake = FakeNvml.build(Variant.DRIVER_580, directory).play(WORLD);
        Map<String, String> environment = Map.of("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=/nowhere");
        try (Probe probe = Probe.start(fake.library().toString(), "/", environment)) {
            String answer = probe.sample().get(0);
            assertTrue(answer.startsWith("FAILED the natives could not be written to the temporary directory"), answer);
            assertEquals(List.of(answer), probe.sample());
        }
    }

    @Test
    void waitingForALibraryMapsNothingTwice() throws IOException {
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
    void aReloadedDriverIsTakenUpAgainWithNewHandles() {
        FakeNvml fake = FakeNvml.build(Variant.DRIVER_580, directory).play(WORLD);
        try (Probe probe = Probe.start(fake.library())) {
            assertEquals(SEEN, probe.sample());
            fake.play(WORLD + "library reload=1\n");
            assertEquals(SEEN, probe.sample());
            assertEquals(SEEN, probe.sample());
            fake.play("driver code=9\nlibrary log=on reload=2\n");
            assertTrue(probe.sample().get(0).startsWith("NO_DRIVER"));
            assertTrue(probe.sample().get(0).startsWith("NO_DRIVER"));
            fake.play(WORLD + "library reload=2\n");
            assertEquals(SEEN, probe.sample());
        }
        assertEquals(3, fake.calls("nvmlShutdown"), "one for each session");
        assertEquals(5, fake.calls("nvmlInit_v2"), "one for each session, and two refused");
    }

    @Test
    void aLibraryReplacedOnDiskIsNoticedWhenTheDriverIsReloaded() throws IOException {
        FakeNvml fake = FakeNvml.build(Variant.DRIVER_580, directory).play(WORLD);
        try (Probe probe = Probe.start(fake.library())) {
            assertEquals(SEEN, probe.sample());
            Files.copy(fake.library(), directory.resolve("next"));
            Files.delete(fake.library());
            Files.move(directory.resolve("next"), fake.library());
            assertEquals(SEEN, probe.sample(), "what is mapped goes on working");
            fake.play(WORLD + "library reload=1\n");
            assertEquals(
                    List.of("DRIVER_REPLACED " + fake.library() + " was replaced after this process had loaded it"),
                    probe.sample());
        }
    }

    @Test
    void aLinkTurnedToAnotherFileIsAReplacementToo() throws IOException {
        FakeNvml fake = FakeNvml.build(Variant.DRIVER_580, directory).play(WORLD);
        Path one = Files.move(fake.library(), directory.resolve("libnvidia-ml.so.1.2.3"));
        Path other = Files.copy(one, directory.resolve("libnvidia-ml.so.1.2.4"));
        Files.createSymbolicLink(fake.library(), one.getFileName());
        try (Probe probe = Probe.start(fake.library())) {
            assertEquals(SEEN, probe.sample());
            Files.delete(fake.library());
            Files.createSymbolicLink(fake.library(), other.getFileName());
            fake.play(WORLD + "library reload=1\n");
            assertEquals(
                    List.of("DRIVER_REPLACED " + one + " was replaced after this process had loaded it"),
                    probe.sample());
        }
    }

    @Test
    void aModuleOfAnotherVersionThanTheLibraryIsAReplacement() {
        FakeNvml fake = FakeNvml.build(Variant.DRIVER_580, directory).play("driver code=18\n");
        try (Probe probe = Probe.start(fake.library())) {
            String answer = probe.sample().get(0);
            assertTrue(answer.startsWith("DRIVER_REPLACED nvmlInit_v2 answered LIB_RM_VERSION_MISMATCH"), answer);
        }
    }

    @Test
    void theDynamicLoadersOwnLibraryIsFoundWithoutAPath() {
        FakeNvml fake = FakeNvml.build(Variant.DRIVER_580, directory).play(WORLD);
        try (Probe probe = Probe.start("", "/", Map.of("LD_LIBRARY_PATH", directory.toString()))) {
            assertEquals(SEEN, probe.sample());
        }
    }

    @Test
    void theLibraryOfAHostIsFoundThroughItsOwnLinks() throws IOException {
        assumeTrue(NO_CARD, "this machine's own library would be found first");
        FakeNvml fake = FakeNvml.build(Variant.DRIVER_580, directory.resolve("root/opt/driver"))
                .play(WORLD);
        Path root = directory.resolve("root");
        Path folder = Files.createDirectories(root.resolve("usr/lib/x86_64-linux-gnu"));
        Files.createDirectories(root.resolve("etc/alternatives"));
        Files.createSymbolicLink(folder.resolve("libnvidia-ml.so.1"), Path.of("/etc/alternatives/nvidia-ml"));
        Files.createSymbolicLink(
                root.resolve("etc/alternatives/nvidia-ml"), Path.of("../../opt/driver/libnvidia-ml.so.1"));
        try (Probe probe = Probe.start("", root.toString(), Map.of())) {
            assertEquals(SEEN, probe.sample());
        }
        assertEquals(1, fake.calls("nvmlInit_v2"));
    }

    @Test
    void withoutALibraryAnywhereTheAnswerIsShortAndTheSameAndCostsNoFiles() throws IOException {
        assumeTrue(NO_CARD, "this machine's own library would be found first");
        Path temporary = Files.createDirectory(directory.resolve("tmp"));
        Map<String, String> environment = Map.of("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=" + temporary);
        Path root = Files.createDirectory(directory.resolve("root"));
        try (Probe probe = Probe.start("", root.toString(), environment)) {
            List<String> answer = List.of("NO_LIBRARY libnvidia-ml.so.1 was not found: not by the dynamic loader,"
                    + " nor in its usual places below " + root + " and /; --nvml.library names it");
            assertEquals(answer, probe.sample());
            FileTime extracted = Files.getLastModifiedTime(temporary);
            for (int i = 0; i < 5; i++) {
                assertEquals(answer, probe.sample());
            }
            assertEquals(extracted, Files.getLastModifiedTime(temporary), "nothing has changed, so nothing is tried");
            FakeNvml.build(Variant.DRIVER_580, root.resolve("usr/lib64")).play(WORLD);
            assertEquals(SEEN, probe.sample());
            assertEquals(0, temporary.toFile().list().length);
        }
    }

    @Test
    void aLibraryThatComesToTheDynamicLoadersPathLateIsFound() throws IOException {
        assumeTrue(NO_CARD, "this machine's own library would be found first");
        FakeNvml fake = FakeNvml.build(Variant.DRIVER_580, directory).play(WORLD);
        Path hidden = Files.move(fake.library(), directory.resolve("hidden"));
        try (Probe probe = Probe.start("", "/", Map.of("LD_LIBRARY_PATH", directory.toString()))) {
            assertTrue(probe.sample().get(0).startsWith("NO_LIBRARY"));
            assertTrue(probe.sample().get(0).startsWith("NO_LIBRARY"));
            Files.move(hidden, fake.library());
            assertEquals(SEEN, probe.sample());
        }
    }

    @Test
    void theGenuineLibrariesSayThatThereIsNoDriverAndMayBeAskedAgain() {
        String directories = System.getenv("GPUAGENT_GENUINE_NVML");
        Requirement.of(
                "NVIDIA's own library",
                directories != null,
                ".ci/genuine-nvml DIRECTORY, and GPUAGENT_GENUINE_NVML=DIRECTORY");
        assumeTrue(NO_CARD, "this machine has a driver");
        for (String branch : List.of("470", "535")) {
            try (Probe probe = Probe.start(Path.of(directories, branch, "libnvidia-ml.so.1"))) {
                for (int i = 0; i < 3; i++) {
                    String answer = probe.sample().get(0);
                    assertTrue(answer.startsWith("NO_DRIVER nvmlInit_v2 answered DRIVER_NOT_LOADED"), answer);
                }
            }
        }
    }
}
