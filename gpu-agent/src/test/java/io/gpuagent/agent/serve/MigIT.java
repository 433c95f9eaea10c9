package io.gpuagent.agent.serve;

import static io.gpuagent.testing.Exposition.find;
import static io.gpuagent.testing.Exposition.sum;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.metrics.GpuCollector;
import io.gpuagent.nvml.FakeNvml;
import io.gpuagent.nvml.NvmlBackend;
import io.gpuagent.nvml.SharedFakeNvml;
import io.gpuagent.simulation.Simulation;
import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.Exposition;
import io.gpuagent.testing.Exposition.Series;
import io.gpuagent.testing.ExpositionInvariants;
import io.gpuagent.testing.Golden;
import io.gpuagent.testing.Opened;
import io.gpuagent.usage.Sampler;
import io.gpuagent.workload.WorkloadResolver;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node whose GPUs are divided into MIG instances, one of them reconfigured while it is sampled: NVML through the
 * real JNI.
 */
@ExtendWith(Opened.Scope.class)
class MigIT {

    private static final Path SCENARIOS = Path.of("src/test/resources/io/gpuagent/agent/mig");
    private static final String GPU_0 = "GPU-5b0c6d1e-0000-4000-8000-000000000000";
    private static final String BYTE_SECONDS = "gpu_workload_memory_byte_seconds_total";
    private static final String BOARDS_REFUSE = "fault * call=nvmlDeviceGetComputeRunningProcesses code=4\n";
    private static final String INSTANCES_REFUSE = "fault * slot=* call=nvmlDeviceGetComputeRunningProcesses code=3\n";

    /**
     * Metrics of the agent itself, which are not part of the scenario. Others depend on the time at which the page is
     * read.
     */
    private static final Pattern OWN = Pattern.compile("gpu_(agent_(last|sample|build|nvml|container)|node).*");

    private static final Pattern VOLATILE =
            Pattern.compile("(?m)^(gpu_\\S*(?:_seconds|_seconds_total|_joules_total)\\{.*\\}) \\S+$");

    @TempDir
    Path directory;

    private FakeNvml fake;
    private Sampler sampler;
    private final CollectorRegistry registry = new CollectorRegistry();
    private final ExpositionInvariants invariants = new ExpositionInvariants();

    @BeforeEach
    void begin(Opened opened) throws Exception {
        fake = SharedFakeNvml.library();
        play(scenario("before"), "");
        Simulation node = Simulation.of(directory.resolve("scenario"));
        sampler = opened.add(Sampler.of(NvmlBackend.withLibrary(fake.library()))
                .workloads(new WorkloadResolver(node.processes()))
                .directory(node.directory())
                .interval(Duration.ofMillis(100))
                .start());
        new GpuCollector(sampler::current).register(registry);
        await("all instances", lines -> samples(lines) > 5 && instances(lines, Map.of()) == 10);
    }

    /**
     * Plays a scenario in the simulated processes and containers and in the stand-in library.
     *
     * @param faults faults of single functions, which only the stand-in library supports
     */
    private void play(String scenario, String faults) throws IOException {
        Path next = Files.writeString(directory.resolve("next"), scenario);
        Files.move(next, directory.resolve("scenario"), StandardCopyOption.ATOMIC_MOVE);
        fake.play(scenario + faults);
    }

    private static String scenario(String name) throws IOException {
        return Files.readString(SCENARIOS.resolve(name + ".scenario"));
    }

    @Test
    void instancesAreShownBeforeAndAfterAReconfigurationAndTotalsBalanceThroughout() throws IOException {
        Golden.checkFile(SCENARIOS.resolve("before.txt"), shown(page()));
        Map<String, String> old = Map.of("uuid", GPU_0, "mig", "9:0", "workload", "web-2");
        Map<String, String> successor = Map.of("uuid", GPU_0, "mig", "9:0", "workload", "batch");

        String without = scenario("before").replaceAll("(?m)^(instance 0|proc 0) .*(gi=9|gi=10) .*\n", "");
        play(without, "");
        await("two instances fewer", lines -> instances(lines, Map.of("uuid", GPU_0)) == 5);
        List<Series> reduced = Exposition.parse(page());
        assertEquals(List.of(), find(reduced, "gpu_workload_memory_bytes", old));
        double frozen = find(reduced, BYTE_SECONDS, old).get(0).value();
        assertTrue(frozen > 0);

        play(scenario("after"), "");
        await(
                "the successor",
                lines -> !find(lines, "gpu_workload_processes", successor).isEmpty());
        play(scenario("after"), "xid 0 code=31 gi=9 ci=0 count=3\n");
        String after = await("Xid errors", lines -> sum(lines, "gpu_xid_errors_total", Map.of()) == 3);
        Golden.checkFile(SCENARIOS.resolve("after.txt"), shown(after));
        List<Series> lines = Exposition.parse(after);
        assertEquals(frozen, find(lines, BYTE_SECONDS, old).get(0).value());
        assertEquals(
                List.of("batch", "nvidia-persistenced.service"),
                find(lines, "gpu_workload_xid_errors_total", Map.of()).stream()
                        .map(line -> line.label("workload"))
                        .sorted()
                        .toList(),
                "the workload on the instance, and the one without an instance");
        assertTrue(find(lines, BYTE_SECONDS, successor).get(0).value() > 0);
        assertEquals(
                "MIG-00000002-bbbb-5000-8000-000000000000",
                find(lines, "gpu_mig_info", Map.of("uuid", GPU_0, "gi", "9"))
                        .get(0)
                        .label("mig_uuid"));
    }

    @Test
    void theListsOfBoardAndInstancesYieldTheSamePage() throws IOException {
        // The process without a MIG instance is only in the board's list.
        String loner = "(?m)^proc 0 pid=1030 .*\n";
        Map<String, String> unit = Map.of("workload", "nvidia-persistenced.service");
        play(scenario("before").replaceAll(loner, ""), INSTANCES_REFUSE);
        String board = shown(await(
                "the board's list",
                lines -> find(lines, "gpu_workload_processes", unit).isEmpty()));
        play(scenario("before").replaceAll(loner, ""), BOARDS_REFUSE);
        awaitThreeSamples();
        assertEquals(board, shown(await("the instances' lists", lines -> true)));
    }

    @Test
    void withoutAnyProcessListThereAreNoWorkloadsButInstancesAreShown() throws IOException {
        play(scenario("before"), BOARDS_REFUSE + INSTANCES_REFUSE);
        List<Series> lines = Exposition.parse(await(
                "no list",
                page -> find(page, "gpu_process_list_up", Map.of()).stream().allMatch(line -> line.value() == 0)));
        for (String family : List.of("gpu_workload_memory_bytes", "gpu_memory_unattributed_bytes")) {
            assertEquals(List.of(), find(lines, family, Map.of()));
        }
        assertEquals(10, instances(lines, Map.of()));
    }

    private void awaitThreeSamples() {
        double now = samples(Exposition.parse(page()));
        await("three more samples", lines -> samples(lines) > now + 3);
    }

    /** Waits for the first page that is as expected. Checks the invariants of every page on the way. */
    private String await(String what, Predicate<List<Series>> expected) {
        List<String> last = new ArrayList<>();
        Eventually.within(Duration.ofSeconds(20), what, () -> {
            String page = page();
            List<Series> lines = Exposition.parse(page);
            invariants.check(lines);
            last.add(page);
            return expected.test(lines);
        });
        return last.get(last.size() - 1);
    }

    private static int instances(List<Series> lines, Map<String, String> labels) {
        return find(lines, "gpu_mig_info", labels).size();
    }

    private static double samples(List<Series> lines) {
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
        String content = page.lines()
                .filter(line -> !line.startsWith("#") && !OWN.matcher(line).matches())
                .collect(Collectors.joining("\n", "", "\n"));
        return VOLATILE.matcher(content).replaceAll("$1 ~");
    }
}
