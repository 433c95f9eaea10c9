package io.gpuagent.agent.embedding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.nvml.FakeNvml;
import io.gpuagent.testing.AgentProcess;
import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.Exposition;
import io.gpuagent.testing.Golden;
import io.gpuagent.testing.Opened;
import io.gpuagent.testing.OutsideProjects;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Projects outside this repository that embed the modules, as EMBEDDING.md shows them. */
@ExtendWith(Opened.Scope.class)
class EmbeddingIT {

    private static final Path SCENARIO =
            Path.of("src", "test", "outside", "node.scenario").toAbsolutePath();
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private OutsideProjects projects;

    @TempDir
    Path directory;

    @BeforeEach
    void build(Opened opened) throws Exception {
        projects = opened.shared(OutsideProjects.class, OutsideProjects::build);
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "thin-jar", "prometheus", "spring-boot"})
    void projectRunsWithTheseJarsAndNoOthers(String project) throws IOException {
        List<Path> jars = projects.jars(project);
        long bytes = 0;
        for (Path jar : jars) {
            bytes += Files.size(jar);
        }
        String list = jars.stream().map(jar -> jar.getFileName() + "\n").collect(Collectors.joining());
        System.out.printf("%s: %d jars, %.1f MB%n%s", project, jars.size(), bytes / 1e6, list);
        Golden.check(EmbeddingIT.class, "jars-of-" + project + ".txt", list);
    }

    @Test
    void memoryOfASimulatedNodeIsPrinted() throws Exception {
        Ended ended = run("memory", "example.MemoryByWorkload", SCENARIO.toString());
        assertEquals(0, ended.status(), ended.err());
        Golden.check(EmbeddingIT.class, "memory.txt", ended.out());
    }

    @Test
    void memoryOfThisNodeIsPrinted() throws Exception {
        long pid = ProcessHandle.current().pid();
        play("driver version=580.95.05\ndevice 0 uuid=GPU-0 name=\"Tesla T4\" mem_total=8G mem_other=5M\nproc 0 pid="
                + pid + " mem=835M\n");
        Ended ended = run("memory", "example.MemoryByWorkload");
        assertEquals(0, ended.status(), ended.err());
        List<String> lines = ended.out().lines().toList();
        assertEquals("GPU 0, Tesla T4", lines.get(0), ended.out());
        assertTrue(lines.get(1).matches("  \\S+ +\\S.* 835 MiB"), ended.out());
        assertTrue(lines.get(2).matches("  +unattributed +5 MiB"), ended.out());
        assertTrue(lines.get(3).matches("  +in use +840 MiB"), ended.out());
    }

    @Test
    void missingDriverIsSaidAndFailsTheProgram() throws Exception {
        play("driver code=9\n");
        Ended ended = run("memory", "example.MemoryByWorkload");
        assertEquals(1, ended.status(), ended.out());
        assertEquals("", ended.out());
        assertTrue(ended.err().lines().anyMatch(line -> line.matches("No GPU can be read: .*not loaded")), ended.err());
    }

    @Test
    void metricsOfThisNodeAreServedWithoutMicrometer() throws Exception {
        long pid = ProcessHandle.current().pid();
        play("driver version=580.95.05\ndevice 0 uuid=GPU-0 mem_total=8G\nproc 0 pid=" + pid + " mem=835M\n");
        assertTrue(projects.jars("prometheus").stream()
                .noneMatch(jar -> jar.toString().contains("micrometer")));
        int port = AgentProcess.freePort();
        Process server = start("prometheus", "example.GpuMetricsServer", Integer.toString(port));
        try {
            String page = page(port, "/metrics", shown -> shown.contains("gpu_workload_memory_bytes{"));
            assertEquals(835.0 * (1 << 20), AgentProcess.value(page, "gpu_workload_memory_bytes"));
            assertEquals(1, AgentProcess.value(page, "gpu_agent_up"));
        } finally {
            server.destroy();
            assertEquals(143, server.waitFor());
        }
    }

    @Test
    void springBootShowsTheNamesAndLabelsOfTheAgent() throws Exception {
        int port = AgentProcess.freePort();
        Process application = start(
                "spring-boot",
                "example.GpuApplication",
                "--server.address=127.0.0.1",
                "--server.port=" + port,
                "--gpu.scenario=" + SCENARIO);
        try (AgentProcess agent = AgentProcess.serve(Map.of(), "--backend=simulated", "--scenario=" + SCENARIO)) {
            TreeSet<String> expected = series(agent.metrics(LIMIT, "an error is shown", EmbeddingIT::complete));
            expected.removeIf(series -> series.startsWith("gpu_node_info") || series.contains("_bucket"));
            TreeSet<String> shown = series(page(port, "/actuator/prometheus", EmbeddingIT::complete));
            System.out.println("/actuator/prometheus: " + shown.size() + " series, such as " + shown.last());
            assertEquals(Set.of(), difference(expected, shown), "missing");
            assertEquals(Set.of(), difference(shown, expected), "of no family of the agent");
        } finally {
            application.destroy();
            assertEquals(143, application.waitFor(), read("err"));
        }
    }

    private static boolean complete(String page) {
        return page.contains("gpu_workload_xid_errors_total{") && page.contains("gpu_workload_energy_joules_total{");
    }

    /**
     * The names and labels of all GPU series. The label {@code version} is cleared, because it is the version of the
     * embedding program.
     */
    private static TreeSet<String> series(String page) {
        return Exposition.parse(page).stream()
                .filter(line -> line.name().matches("gpu_.*|used_gpu_memory"))
                .map(line -> {
                    Map<String, String> labels = new TreeMap<>(line.labels());
                    labels.computeIfPresent("version", (label, version) -> "");
                    return line.name() + labels;
                })
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> difference(Set<String> first, Set<String> second) {
        Set<String> difference = new TreeSet<>(first);
        difference.removeAll(second);
        return difference;
    }

    private void play(String scenario) {
        FakeNvml.build(FakeNvml.Variant.DRIVER_580, directory).play(scenario);
    }

    private record Ended(int status, String out, String err) {}

    private Ended run(String project, String main, String... arguments) throws IOException, InterruptedException {
        int status = start(project, main, arguments).waitFor();
        return new Ended(status, read("out"), read("err"));
    }

    private Process start(String project, String main, String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(projects.java(project, main, arguments))
                .redirectOutput(directory.resolve("out").toFile())
                .redirectError(directory.resolve("err").toFile());
        builder.environment().put("LD_LIBRARY_PATH", directory.toString());
        return builder.start();
    }

    private String read(String name) throws IOException {
        return Files.readString(directory.resolve(name));
    }

    private static String page(int port, String path, Predicate<String> expected) {
        return Eventually.get(LIMIT, path + " is as expected", () -> get(port, path), expected);
    }

    /** The page; empty while nothing listens. */
    private static String get(int port, String path) {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (ConnectException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
