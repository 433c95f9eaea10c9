package io.gpuagent.simulation;

import io.gpuagent.device.GpuBackend;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.process.ProcessIdentity;
import io.gpuagent.process.ProcessSource;
import io.gpuagent.process.ProcessStat;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerDirectory;
import io.gpuagent.workload.ContainerLookup;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A node that a scenario file plays: its backend, its processes and its containers belong together. The format is described in
 * SCENARIO.md.
 */
public final class Simulation {

    private static final String DEMO = "demo.scenario";

    private final RunningScenario world;

    private Simulation(Scenario scenario, @Nullable Path file) {
        this.world = new RunningScenario(scenario, file, System::nanoTime);
    }

    /**
     * The node of a file, which is read again whenever it changes.
     *
     * @throws ScenarioException if the file is not a scenario; a later change that is not one is said in the log and not taken up
     */
    public static Simulation of(Path file) throws IOException, ScenarioException {
        return new Simulation(Scenario.parse(Files.readString(file)), file);
    }

    /** The node of a text. */
    public static Simulation of(String text) throws ScenarioException {
        return new Simulation(Scenario.parse(text), null);
    }

    /** A small node that shows something of everything. */
    public static Simulation demo() {
        try (InputStream in = Simulation.class.getResourceAsStream(DEMO)) {
            return of(new String(Objects.requireNonNull(in, DEMO).readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ScenarioException e) {
            throw new IllegalStateException(DEMO + ": " + e.getMessage(), e);
        }
    }

    /** The node's GPUs. */
    public GpuBackend backend() {
        return backend(MetricSelection.USUAL);
    }

    /** The node's GPUs, which tell these values. */
    public GpuBackend backend(MetricSelection selection) {
        return new SimulatedBackend(world, selection);
    }

    /** The node's processes. */
    public ProcessSource processes() {
        return new Processes();
    }

    /** The node's containers. */
    public ContainerDirectory directory() {
        return container -> world.now()
                .container(container.id())
                .<ContainerLookup>map(line -> new ContainerLookup.Known(details(line)))
                .orElse(new ContainerLookup.Unknown(ContainerLookup.Reason.NOT_FOUND));
    }

    private static ContainerDetails details(Statement container) {
        Map<String, String> labels = new HashMap<>();
        container.values().forEach((key, value) -> {
            if (key.startsWith(StatementType.LABEL)) {
                labels.put(key.substring(StatementType.LABEL.length()), (String) value);
            }
        });
        return new ContainerDetails(
                container.get(Attribute.NAME, ""),
                container.get(Attribute.RUNTIME, "docker"),
                container.get(Attribute.IMAGE, ""),
                labels,
                ContainerDetails.KubernetesNames.of(labels).orElse(null));
    }

    private final class Processes implements ProcessSource {

        @Override
        public boolean hostPids() {
            return true;
        }

        @Override
        public Optional<ProcessStat> stat(int pid) {
            return find(pid)
                    .map(line -> new ProcessStat(
                            new ProcessIdentity(pid, line.get(Attribute.START, line.number())),
                            line.get(Attribute.COMM, "proc-" + pid),
                            line.get(Attribute.STATE, 'S')));
        }

        @Override
        public Optional<String> cgroup(int pid) {
            return find(pid).map(line -> line.get(Attribute.CGROUP));
        }

        @Override
        public Optional<String> mountinfo(int pid) {
            return find(pid).map(line -> "");
        }

        @Override
        public OptionalInt uid(int pid) {
            return find(pid).stream().mapToInt(line -> line.get(Attribute.UID, 0)).findFirst();
        }

        @Override
        public Optional<String> userName(int uid) {
            return world.now().scenario().all(StatementType.PROC).stream()
                    .filter(line -> line.get(Attribute.UID, 0) == uid)
                    .flatMap(line -> Stream.ofNullable(line.get(Attribute.USER)))
                    .findFirst();
        }

        private Optional<Statement> find(int pid) {
            return world.now().process(pid);
        }
    }
}
