package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.gpuagent.nvml.FakeNvml.Variant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.systems.global.linux;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checks that other JavaCPP libraries of the application keep working, no matter whether they or the NVML bindings are
 * loaded first.
 */
@Timeout(60)
class JavaCppNeighbourTest {

    private static final String PROPERTY = "org.bytedeco.javacpp.loadlibraries";
    private static final String READ = "0 GPU-a memory=null processes=[] readings=[] faults=[] rejections=[]";

    @TempDir
    private Path directory;

    @Test
    void aNeighbourLoadedLaterIsLoadedByJavaCpp() throws Exception {
        assertEquals(
                List.of("nvml " + READ, "property null", "neighbour works"),
                runProcess("nvml", "property", "neighbour"));
    }

    @Test
    void aNeighbourLoadedEarlierKeepsWorking() throws Exception {
        assertEquals(
                List.of("neighbour works", "nvml " + READ, "neighbour works", "nvml " + READ),
                runProcess("neighbour", "nvml", "neighbour", "nvml"));
    }

    @Test
    void aMissingLibraryDoesNotAffectANeighbour() throws Exception {
        assertEquals(
                List.of(
                        "nvml NO_LIBRARY " + directory.resolve("none") + " does not exist",
                        "property null",
                        "neighbour works"),
                runProcess("missing", "property", "neighbour"));
    }

    @Test
    void aPropertyThatWasSetIsRestored() throws Exception {
        assertEquals(
                List.of("nvml " + READ, "property true", "neighbour works"),
                runProcess("-D" + PROPERTY + "=true", "nvml", "property", "neighbour"));
    }

    @Test
    void javaCppsLimitsOnNativeMemoryDoNotApply() throws Exception {
        assertEquals(
                List.of("nvml " + READ),
                runProcess("-Dorg.bytedeco.javacpp.maxBytes=1", "-Dorg.bytedeco.javacpp.maxPhysicalBytes=1", "nvml"));
    }

    /**
     * Checks that no static initializer is left to run later. It would make JavaCPP load the CUDA runtime, which is not
     * installed.
     */
    @Test
    void everyClassThatTheBindingUsesIsInitialisedWithIt() throws Exception {
        List<String> used = new ClassFileImporter()
                .importPackages("io.gpuagent.nvml.binding").stream()
                        .flatMap(ours -> ours.getDirectDependenciesFromSelf().stream())
                        .map(dependency -> dependency.getTargetClass().getName())
                        .filter(name -> name.startsWith("org.bytedeco"))
                        .distinct()
                        .toList();
        assertTrue(used.contains("org.bytedeco.cuda.nvml.nvmlUtilization_t"), used.toString());
        List<String> words = new ArrayList<>(List.of("nvml"));
        used.forEach(name -> words.add("init:" + name));
        List<String> answers = runProcess(words.toArray(String[]::new));
        assertEquals(used.stream().map(name -> "initialised " + name).toList(), answers.subList(1, answers.size()));
    }

    @Test
    void nothingIsLeftInTheTemporaryDirectory() throws Exception {
        Path temporary = Files.createDirectory(directory.resolve("tmp"));
        runProcess("-Djava.io.tmpdir=" + temporary, "-XX:-UsePerfData", "nvml", "missing");
        try (Stream<Path> left = Files.list(temporary)) {
            assertEquals(List.of(), left.toList());
        }
    }

    private List<String> runProcess(String... words) throws IOException, InterruptedException {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "the neighbor has a native library for x86-64 only");
        FakeNvml fake = FakeNvml.build(Variant.DRIVER_580, directory).play("device 0 uuid=GPU-a\n");
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.add("-Dorg.bytedeco.javacpp.cachedir=" + directory.resolve("cache"));
        Stream.of(words).filter(word -> word.startsWith("-")).forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), JavaCppNeighbourTest.class.getName()));
        command.add(fake.library().toString());
        Stream.of(words).filter(word -> !word.startsWith("-")).forEach(command::add);
        Process process = new ProcessBuilder(command)
                .redirectError(directory.resolve("stderr").toFile())
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), () -> output + read(directory.resolve("stderr")));
        return output.lines().toList();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    public static void main(String[] args) throws ClassNotFoundException {
        Path library = Path.of(args[0]);
        try (NvmlBackend backend = NvmlBackend.withLibrary(library);
                NvmlBackend missing = NvmlBackend.withLibrary(library.resolveSibling("none"))) {
            for (String step : List.of(args).subList(1, args.length)) {
                if (step.startsWith("init:")) {
                    System.out.println(
                            "initialised " + Class.forName(step.substring(5)).getName());
                    continue;
                }
                switch (step) {
                    case "nvml" ->
                        System.out.println("nvml " + Probe.lines(backend).get(0));
                    case "missing" ->
                        System.out.println("nvml " + Probe.lines(missing).get(0));
                    case "property" -> System.out.println("property " + System.getProperty(PROPERTY));
                    default -> System.out.println("neighbour " + (neighbourWorks() ? "works" : "fails"));
                }
            }
        }
    }

    /** Returns whether the neighbor works: calls its native library and allocates memory through JavaCPP. */
    private static boolean neighbourWorks() {
        try (IntPointer memory = new IntPointer(1, 2, 3)) {
            return linux.getpid() == ProcessHandle.current().pid() && memory.get(2) == 3;
        }
    }
}
