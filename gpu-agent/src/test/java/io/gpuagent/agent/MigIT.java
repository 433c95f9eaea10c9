package io.gpuagent.agent;

import static io.gpuagent.testing.Exposition.find;
import static io.gpuagent.testing.Exposition.sum;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.metrics.GpuCollector;
import io.gpuagent.nvml.FakeNvml;
import io.gpuagent.nvml.SharedFakeNvml;
import io.gpuagent.nvml.NvmlBackend;
import io.gpuagent.simulation.Simulation;
import io.gpuagent.testing.Books;
import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.Exposition;
import io.gpuagent.testing.Exposition.Line;
import io.gpuagent.testing.Golden;
import io.gpuagent.usage.Sampler;
import io.gpuagent.workload.WorkloadResolver;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A node whose GPUs are divided into MIG instances, one of them anew while it is watched: NVML through the real JNI. */
class MigIT {

    private static final Path WORLDS = Path.of("src/test/resources/io/gpuagent/agent/mig");
    private static final String GPU_0 = "GPU-5b0c6d1e-0000-4000-8000-000000000000";
    private static final String BYTE_SECONDS = "gpu_workload_memory_byte_seconds_total";
    private static final String PARENT_REFUSES = "fault * call=nvmlDeviceGetComputeRunningProcesses code=4\n";
    private static final String INSTANCES_DO_NOT_TELL =
            "fault * slot=* call=nvmlDeviceGetComputeRunningProcesses code=3\n";

    /** How the agent itself fares is no part of the world, and some of its values depend on when the page is looked at. */
    private static final Pattern OWN = Pattern.compile("gpu_(agent_(last|sample|build|nvml|container)|node).*");

    private static final Pattern OF_THE_MOMENT =
            Pattern.compile("(?m)^(gpu_\\S*(?:_seconds|_seconds_total|_joules_total)\\{.*\\}) \\S+$");

    private FakeNvml fake;
    private Sampler sampler;
    private final CollectorRegistry registry = new CollectorRegistry();
    private final Books books = new Books();

    @BeforeEach
    void begin() throws Exception {
        fake = SharedFakeNvml.library().play(world("before"));
        Simulation node = Simulation.of(fake.library().resolveSibling("scenario"));
        sampler = Sampler.of(NvmlBackend.withLibrary(fake.library()))
                .workloads(new WorkloadResolver(node.processes()))
                .directory(node.directory())
                .interval(Duration.ofMillis(100))
                .start();
        new GpuCollector(sampler::current).register(registry);
        watched("all instances", lines -> samples(lines) > 5 && instances(lines, Map.of()) == 10);
    }

    @AfterEach
    void end() {
        sampler.close();
    }

    private static String world(String name) throws IOException {
        return Files.readString(WORLDS.resolve(name + ".scenario"));
    }

    @Test
    void instancesAreShownBeforeAndAfterAReconfigurationAndTheBooksBalanceAllTheWay() throws IOException {
        Golden.checkFile(WORLDS.resolve("before.txt"), shown(page()));
        Map<String, String> old = Map.of("uuid", GPU_0, "mig", "9:0", "workload", "web-2");
        Map<String, String> heir = Map.of("uuid", GPU_0, "mig", "9:0", "workload", "batch");

        String without = world("before").replaceAll("(?m)^(instance 0|proc 0) .*(gi=9|gi=10) .*\n", "");
        fake.play(without);
        watched("two instances less", lines -> instances(lines, Map.of("uuid", GPU_0)) == 5);
        List<Line> gone = Exposition.parse(page());
        assertEquals(List.of(), find(gone, "gpu_workload_memory_bytes", old));
        double frozen = find(gone, BYTE_SECONDS, old).get(0).value();
        assertTrue(frozen > 0);

        fake.play(world("after"));
        watched(
                "the heir",
                lines -> !find(lines, "gpu_workload_processes", heir).isEmpty());
        fake.play(world("after") + "xid 0 code=31 gi=9 ci=0 count=3\n");
        String after = watched("XIDs", lines -> sum(lines, "gpu_xid_errors_total", Map.of()) == 3);
        Golden.checkFile(WORLDS.resolve("after.txt"), shown(after));
        List<Line> lines = Exposition.parse(after);
        assertEquals(frozen, find(lines, BYTE_SECONDS, old).get(0).value());
        assertEquals(
                List.of("batch", "nvidia-persistenced.service"),
                find(lines, "gpu_workload_xid_errors_total", Map.of()).stream()
                        .map(line -> line.label("workload"))
                        .sorted()
                        .toList(),
                "whoever is on the instance, and whoever is on none");
        assertTrue(find(lines, BYTE_SECONDS, heir).get(0).value() > 0);
        assertEquals(
                "MIG-00000002-bbbb-5000-8000-000000000000",
                find(lines, "gpu_mig_info", Map.of("uuid", GPU_0, "gi", "9"))
                        .get(0)
                        .label("mig_uuid"));
    }

    @Test
    void theSameIsShownWhicheverListsTheProcessesComeFrom() throws IOException {
        // The one process that is on no instance is listed by the board alone.
        String loner = "(?m)^proc 0 pid=1030 .*\n";
        Map<String, String> unit = Map.of("workload", "nvidia-persistenced.service");
        fake.play(world("before").replaceAll(loner, "") + INSTANCES_DO_NOT_TELL);
        String board = shown(watched(
                "the board's list",
                lines -> find(lines, "gpu_workload_processes", unit).isEmpty()));
        fake.play(world("before").replaceAll(loner, "") + PARENT_REFUSES);
        sleepTicks();
        assertEquals(board, shown(watched("the instances' lists", lines -> true)));
    }

    @Test
    void whereBoardAndInstancesRefuseThereAreNeitherWorkloadsNorARestAndTheInstancesAreShown() throws IOException {
        fake.play(world("before") + PARENT_REFUSES + INSTANCES_DO_NOT_TELL);
        List<Line> lines = Exposition.parse(watched(
                "no list",
                page -> find(page, "gpu_process_list_up", Map.of()).stream().allMatch(line -> line.value() == 0)));
        for (String family : List.of("gpu_workload_memory_bytes", "gpu_memory_unattributed_bytes")) {
            assertEquals(List.of(), find(lines, family, Map.of()));
        }
        assertEquals(10, instances(lines, Map.of()));
    }

    private void sleepTicks() {
        double now = samples(Exposition.parse(page()));
        watched("three samples more", lines -> samples(lines) > now + 3);
    }

    /** The first page that is as expected. The books of all pages on the way balance, and no counter falls. */
    private String watched(String what, Predicate<List<Line>> expected) {
        List<String> last = new ArrayList<>();
        Eventually.within(Duration.ofSeconds(20), what, () -> {
            String page = page();
            List<Line> lines = Exposition.parse(page);
            books.check(lines);
            last.add(page);
            return expected.test(lines);
        });
        return last.get(last.size() - 1);
    }

    private static int instances(List<Line> lines, Map<String, String> labels) {
        return find(lines, "gpu_mig_info", labels).size();
    }

    private static double samples(List<Line> lines) {
        return sum(lines, "gpu_agent_sample_duration_seconds_count", Map.of());
    }

    private String page() {
        StringWriter text = new StringWriter();
        try {
            TextFormat.write004(text, registry.metricFamilySamples());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return text.toString();
    }

    private static String shown(String page) {
        String world = page.lines()
                .filter(line -> !line.startsWith("#") && !OWN.matcher(line).matches())
                .collect(Collectors.joining("\n", "", "\n"));
        return OF_THE_MOMENT.matcher(world).replaceAll("$1 ~");
    }
}
