package io.gpuagent.agent.attribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gpuagent.agent.containers.CachingDirectory;
import io.gpuagent.agent.containers.ContainerSources;
import io.gpuagent.agent.metrics.GpuCollector;
import io.gpuagent.agent.metrics.MetricOptions;
import io.gpuagent.process.ProcFs;
import io.gpuagent.simulation.Simulation;
import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.Exposition;
import io.gpuagent.testing.StubDaemon;
import io.gpuagent.usage.Sampler;
import io.gpuagent.workload.WorkloadResolver;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whose GPU use it is, through the whole agent: the files of processes and runtimes and the answers of a Docker daemon in,
 * the metrics page out. A line is a case: the text of a process's {@code cgroup} file or several {@code procs}, {@code
 * files} below the host's root, {@code docker} answers by container id, and the labels that each process's series must
 * have; {@code absent} lists texts that none of its labels may contain.
 */
class OwnersTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int FIRST_PID = 1000;
    private static final Duration SETTLED = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    @TestFactory
    Stream<DynamicTest> givenCases() throws IOException {
        return cases("owners.jsonl");
    }

    @TestFactory
    Stream<DynamicTest> moreCases() throws IOException {
        return cases("more-cases.jsonl");
    }

    private Stream<DynamicTest> cases(String file) throws IOException {
        String text = new String(getClass().getResourceAsStream(file).readAllBytes(), StandardCharsets.UTF_8);
        return text.lines().map(OwnersTest::parse).map(each -> {
            String id = each.get("id").asText();
            return dynamicTest(id, () -> check(each, directory.resolve(id)));
        });
    }

    private static JsonNode parse(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void check(JsonNode each, Path directory) throws Exception {
        Path root = directory.resolve("root");
        Path proc = directory.resolve("proc");
        List<JsonNode> processes = new ArrayList<>();
        each.path("procs").forEach(processes::add);
        if (processes.isEmpty()) {
            processes.add(each);
        }
        StringBuilder scenario = new StringBuilder("device 0 uuid=GPU-0 name=T mem_total=80G\n");
        host(each, root, proc);
        for (int i = 0; i < processes.size(); i++) {
            scenario.append("proc 0 pid=%d mem=1G cgroup=/ comm=x%n".formatted(FIRST_PID + i));
            process(proc, FIRST_PID + i, processes.get(i));
        }
        // A socket's path has at most 107 bytes.
        Path socket = Files.createTempFile("owners", ".sock");
        StubDaemon daemon = StubDaemon.unix(socket);
        each.path("docker")
                .properties()
                .forEach(entry -> daemon.answers.put(
                        entry.getKey(), entry.getValue().toString().getBytes(StandardCharsets.UTF_8)));
        boolean users = each.path("flags").toString().contains("container.users");
        try (daemon;
                CachingDirectory names =
                        new CachingDirectory(ContainerSources.of(daemon.address(), "auto", Map.of(), root));
                Sampler sampler = Sampler.of(Simulation.of(scenario.toString()).backend())
                        .workloads(new WorkloadResolver(new ProcFs(proc, root), users))
                        .directory(names)
                        .interval(Duration.ofMillis(100))
                        .start()) {
            CollectorRegistry registry = new CollectorRegistry();
            MetricOptions options = MetricOptions.defaults().withPerProcess(true);
            new GpuCollector(sampler::current, options).register(registry);
            Eventually.within(SETTLED, "all names", () -> isSettled(page(registry), processes.size()));
            List<Exposition.Series> page = page(registry);
            for (int i = 0; i < processes.size(); i++) {
                assertLabels(each.get("expect").get(i), labels(page, FIRST_PID + i));
            }
        } finally {
            Files.deleteIfExists(socket);
        }
    }

    private static void host(JsonNode each, Path root, Path proc) throws IOException {
        write(root.resolve("etc/passwd"), """
                root:x:0:0::/root:/bin/sh
                alice:x:1001:1001::/home/alice:/bin/sh
                bob:x:1002:1002::/home/bob:/bin/sh
                """);
        write(root.resolve("etc/subuid"), "alice:100000:65536\n");
        write(proc.resolve("1/mountinfo"), "20 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n");
        write(proc.resolve("2/comm"), "kthreadd\n");
        write(proc.resolve("2/cgroup"), each.path("root").asText("0::/\n"));
        for (var file : each.path("files").properties()) {
            JsonNode content = file.getValue();
            write(
                    root.resolve(file.getKey().substring(1)),
                    content.isTextual() ? content.asText() : content.toString());
        }
    }

    private static void process(Path proc, int pid, JsonNode process) throws IOException {
        Path own = proc.resolve(Integer.toString(pid));
        String comm = process.path("comm").asText("python3");
        int uid = process.path("uid").asInt(1001);
        write(own.resolve("stat"), pid + " (" + comm + ") S 1" + " 0".repeat(17) + " 77 0 0\n");
        write(own.resolve("status"), "Name:\t" + comm + "\nUid:\t" + uid + "\t0\t0\t0\n");
        write(own.resolve("cgroup"), process.get("cgroup").asText());
        write(own.resolve("mountinfo"), process.path("mountinfo").asText(""));
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static List<Exposition.Series> page(CollectorRegistry registry) {
        StringWriter page = new StringWriter();
        try {
            TextFormat.write004(page, registry.metricFamilySamples());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Exposition.parse(page.toString());
    }

    private static boolean isSettled(List<Exposition.Series> page, int processes) {
        return Exposition.find(page, "gpu_process_memory_bytes", Map.of()).size() == processes
                && Exposition.sum(page, "gpu_agent_unnamed_workloads", Map.of("reason", "pending")) == 0
                && Exposition.find(page, "gpu_workload_memory_byte_seconds_total", Map.of())
                                .size()
                        >= Exposition.find(page, "gpu_workload_memory_bytes", Map.of())
                                .size();
    }

    /** The labels of a process's series, and those of its workload's {@code gpu_workload_info}. */
    private static Map<String, String> labels(List<Exposition.Series> page, int pid) {
        Map<String, String> own =
                new HashMap<>(Exposition.find(page, "gpu_process_memory_bytes", Map.of("pid", Integer.toString(pid)))
                        .get(0)
                        .labels());
        Map<String, String> key = new HashMap<>(own);
        List.of("pid", "type", "uid", "comm").forEach(key::remove);
        List<Exposition.Series> info = Exposition.find(page, "gpu_workload_info", key);
        assertEquals(1, info.size(), () -> key + " in " + page);
        own.putAll(info.get(0).labels());
        return own;
    }

    private static void assertLabels(JsonNode expected, Map<String, String> labels) {
        expected.properties().forEach(label -> {
            if (label.getKey().equals("absent")) {
                label.getValue()
                        .forEach(text -> labels.values()
                                .forEach(value -> assertFalse(value.contains(text.asText()), labels::toString)));
            } else {
                assertEquals(
                        label.getValue().asText(),
                        labels.getOrDefault(label.getKey(), ""),
                        () -> label.getKey() + " of " + labels);
            }
        });
    }
}
