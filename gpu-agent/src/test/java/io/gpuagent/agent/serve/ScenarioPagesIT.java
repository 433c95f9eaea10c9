package io.gpuagent.agent.serve;

import static io.gpuagent.testing.Exposition.sum;

import io.gpuagent.nvml.FakeNvml;
import io.gpuagent.testing.AgentProcess;
import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.Exposition;
import io.gpuagent.testing.ExpositionInvariants;
import io.gpuagent.testing.Golden;
import io.gpuagent.testing.Opened;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The metrics page of the packaged agent for a scenario, through the real JNI: each file {@code scenarios/NAME.scenario}
 * has its page and the agent's warnings in {@code scenarios/NAME.txt}. The scenario's processes are written to a proc
 * file system. A comment {@code await: FAMILY >= NUMBER} makes the test wait for a value instead of only some samples;
 * a comment {@code flags: FLAG …} adds flags of the agent.
 */
@ExtendWith(Opened.Scope.class)
class ScenarioPagesIT {

    private static final Path SCENARIOS = Path.of("src/test/resources/io/gpuagent/agent/scenarios");
    private static final Pattern PROC = Pattern.compile("(?m)^proc .*pid=(\\d+) .*cgroup=(\\S+) comm=(\\S+)");
    private static final Pattern FLAGS = Pattern.compile("(?m)^# flags: (.+)");
    private static final Pattern AWAIT = Pattern.compile("(?m)^# await: (\\S+) >= (\\d+)");

    /** Metrics of the agent itself, which are not part of the scenario. */
    private static final Pattern OWN = Pattern.compile(
            "(process|gpu_agent_(last_sample|sample|container_lookups|build|nvml_errors))_.*|gpu_node_info.*");

    /** Values that depend on the time at which the page is read, or on the user who runs the test. */
    private static final Pattern VOLATILE =
            Pattern.compile(".*(_seconds|_seconds_total|_joules_total|_rejected_values_total)");

    private static final int SAMPLES = 4;

    @TempDir
    static Path directory;

    private FakeNvml fake;

    @BeforeEach
    void build(Opened opened) {
        fake = opened.shared(
                FakeNvml.class, () -> FakeNvml.build(FakeNvml.Variant.DRIVER_580, directory.resolve("driver")));
    }

    static Stream<String> scenarios() throws IOException {
        try (Stream<Path> files = Files.list(SCENARIOS)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".scenario"))
                    .map(file -> file.replace(".scenario", ""))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void aScenarioHasItsPageAndTotalsBalanceThroughout(String name) throws IOException {
        String scenario = Files.readString(SCENARIOS.resolve(name + ".scenario"));
        fake.play(scenario);
        List<String> flags = new ArrayList<>(List.of(
                "--nvml.library=" + fake.library(),
                "--path.procfs=" + processes(scenario, directory.resolve(name)),
                "--docker.host=off",
                "--oci.bundles=off",
                "--sample-interval=500ms"));
        FLAGS.matcher(scenario)
                .results()
                .forEach(found -> flags.addAll(List.of(found.group(1).split(" "))));
        try (AgentProcess agent = AgentProcess.serve(Map.of(), flags.toArray(String[]::new))) {
            ExpositionInvariants invariants = new ExpositionInvariants();
            Eventually.within(Duration.ofSeconds(30), name, () -> {
                List<Exposition.Series> lines = Exposition.parse(agent.metrics());
                invariants.check(lines);
                Eventually.pause(Duration.ofMillis(50));
                return isAwaited(scenario, lines);
            });
            Golden.checkFile(SCENARIOS.resolve(name + ".txt"), shown(agent.metrics()) + warnings(agent.err()));
        }
    }

    private static Path processes(String scenario, Path directory) throws IOException {
        Path proc = directory.resolve("proc");
        write(proc, "2", "comm", "kthreadd\n");
        for (MatchResult process : PROC.matcher(scenario).results().toList()) {
            String pid = process.group(1);
            write(proc, pid, "cgroup", "0::" + process.group(2) + "\n");
            write(proc, pid, "stat", pid + " (" + process.group(3) + ") S 1" + " 0".repeat(17) + " 4711 0 0\n");
            write(proc, pid, "mountinfo", "");
        }
        return proc;
    }

    private static void write(Path proc, String pid, String file, String text) throws IOException {
        Files.writeString(Files.createDirectories(proc.resolve(pid)).resolve(file), text);
    }

    private static String shown(String page) {
        return page.lines()
                .filter(line -> !line.startsWith("#") && !OWN.matcher(line).matches())
                .map(ScenarioPagesIT::masked)
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String masked(String line) {
        String family = line.substring(0, line.indexOf('{') < 0 ? line.indexOf(' ') : line.indexOf('{'));
        String user = line.replaceAll("uid=\"\\d+\",user=\"[^\"]*\"", "uid=\"~\",user=\"~\"")
                .replaceAll(",uid=\"\\d+\"", ",uid=\"~\"");
        return VOLATILE.matcher(family).matches() ? user.substring(0, user.lastIndexOf(' ')) + " ~" : user;
    }

    private static String warnings(String log) {
        return log.lines()
                .filter(line -> line.contains("level=warn") && line.contains("logger=usage"))
                .map(line -> "# " + line.replaceFirst("^.*? level=", "level=").replaceFirst(" \\d+ times", "") + "\n")
                .collect(Collectors.joining());
    }

    /** Whether this page has every awaited value. */
    private static boolean isAwaited(String scenario, List<Exposition.Series> lines) {
        return sum(lines, "gpu_agent_sample_duration_seconds_count", Map.of()) >= SAMPLES
                && AWAIT.matcher(scenario)
                        .results()
                        .allMatch(found -> sum(lines, found.group(1), Map.of()) >= Double.parseDouble(found.group(2)));
    }
}
