package io.gpuagent.agent.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.nvml.FakeNvml;
import io.gpuagent.testing.AgentProcess;
import io.gpuagent.testing.StubDaemon;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The heap that the launcher sets suffices for 8 GPUs with 250 processes each, every process in its own container with
 * a name from Docker, and for five scrapers at once. An OutOfMemoryError would end the agent.
 */
@Tag("alone")
class FootprintIT {

    private static final int GPUS = 8;
    private static final int PROCESSES = 250;
    private static final int ROUNDS = 40;

    /** The requests of one round: a path, then request headers. */
    private static final List<List<String>> SCRAPES = List.of(
            List.of("/metrics"),
            List.of("/metrics", "Accept", "application/openmetrics-text; version=1.0.0"),
            List.of("/metrics", "Accept-Encoding", "gzip"),
            List.of("/metrics", "Accept", "application/openmetrics-text; version=1.0.0", "Accept-Encoding", "gzip"),
            List.of("/api/v1/usage"));

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    Path directory;

    @Test
    void theShippedHeapSufficesForEightFullGpusWithDockerNames() throws IOException {
        FakeNvml fake = FakeNvml.build(FakeNvml.Variant.DRIVER_580, directory.resolve("nvml"))
                .play(scenario());
        try (StubDaemon docker = StubDaemon.unix(directory.resolve("docker.sock"));
                AgentProcess agent = AgentProcess.launch(
                        Map.of(),
                        "--nvml.library=" + fake.library(),
                        "--path.procfs=" + processes(docker),
                        "--docker.host=" + docker.address(),
                        "--collect.processes")) {
            String page = agent.metrics(
                    Duration.ofSeconds(60), "all workloads are named", text -> named(text) == GPUS * PROCESSES);
            for (int i = 0; i < ROUNDS; i++) {
                scrapesAtOnce(agent);
            }
            double resident = AgentProcess.value(agent.metrics(), "process_resident_memory_bytes") / (1 << 20);
            System.out.printf(
                    "%d workloads on %d GPUs, page of %d KiB, %d rounds of %d scrapes: %.0f MiB resident%n",
                    GPUS * PROCESSES, GPUS, page.length() >> 10, ROUNDS, SCRAPES.size(), resident);
            assertTrue(resident < 200, resident + " MiB resident");
            assertTrue(agent.alive(), agent.err());
        }
    }

    private static void scrapesAtOnce(AgentProcess agent) {
        List<CompletableFuture<HttpResponse<byte[]>>> answers = SCRAPES.stream()
                .map(scrape -> HTTP.sendAsync(request(agent, scrape), BodyHandlers.ofByteArray()))
                .toList();
        for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
            assertEquals(200, answer.join().statusCode());
        }
        assertEquals(GPUS * PROCESSES, named(new String(answers.get(0).join().body(), StandardCharsets.UTF_8)));
    }

    private static HttpRequest request(AgentProcess agent, List<String> scrape) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.port() + scrape.get(0)));
        for (int i = 1; i < scrape.size(); i += 2) {
            request.header(scrape.get(i), scrape.get(i + 1));
        }
        return request.timeout(Duration.ofSeconds(10)).build();
    }

    private static long named(String page) {
        return page.lines()
                .filter(line -> line.startsWith("used_gpu_memory{container_name=\"job-"))
                .count();
    }

    private static String scenario() {
        StringBuilder text = new StringBuilder("driver version=580.95.05\n");
        for (int gpu = 0; gpu < GPUS; gpu++) {
            text.append("device %d uuid=GPU-%d mem_total=80G mem_other=1M\n".formatted(gpu, gpu));
            for (int i = 0; i < PROCESSES; i++) {
                text.append("proc %d pid=%d mem=100M\n".formatted(gpu, pid(gpu, i)));
            }
        }
        return text.toString();
    }

    private static int pid(int gpu, int i) {
        return 10_000 + gpu * PROCESSES + i;
    }

    /** A proc file system with all processes; the Docker daemon knows their containers. */
    private Path processes(StubDaemon docker) throws IOException {
        Path proc = directory.resolve("proc");
        write(proc, 2, "comm", "kthreadd\n");
        for (int gpu = 0; gpu < GPUS; gpu++) {
            for (int i = 0; i < PROCESSES; i++) {
                int pid = pid(gpu, i);
                String id = "%064x".formatted(pid);
                docker.names.put(id, "job-" + pid);
                write(proc, pid, "cgroup", "0::/system.slice/docker-" + id + ".scope\n");
                write(proc, pid, "stat", pid + " (python3) S 1" + " 0".repeat(17) + " 4711 0 0\n");
                write(proc, pid, "mountinfo", "");
            }
        }
        return proc;
    }

    private static void write(Path proc, int pid, String file, String text) throws IOException {
        Path process = Files.createDirectories(proc.resolve(Integer.toString(pid)));
        Files.writeString(process.resolve(file), text);
    }
}
