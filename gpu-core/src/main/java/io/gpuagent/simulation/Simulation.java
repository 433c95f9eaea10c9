package io.gpuagent.simulation;

import io.gpuagent.device.GpuBackend;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.process.ProcessIdentity;
import io.gpuagent.process.ProcessSource;
import io.gpuagent.process.ProcessStat;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerDirectory;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
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
 * A simulated node, with the backend, the processes and the containers of one scenario. SCENARIO.md describes the
 * format.
 */
public final class Simulation {

    private static final String DEMO = "demo.scenario";

    private final RunningScenario scenario;

    private Simulation(Scenario scenario, @Nullable Path file) {
        this.scenario = new RunningScenario(scenario, file, System::nanoTime);
    }

    /**
     * Creates a node from a scenario file. If the file changes, it is read again.
     *
     * @throws ScenarioException if the file is not a valid scenario; an invalid later change is logged and ignored
     */
    public static Simulation of(Path file) throws IOException, ScenarioException {
        return new Simulation(Scenario.parse(Files.readString(file)), file);
    }

    /** Creates a node from the text of a scenario. */
    public static Simulation of(String text) throws ScenarioException {
        return new Simulation(Scenario.parse(text), null);
    }

    /** Creates the built-in demo, a small node that shows most features. */
    public static Simulation demo() {
        try (InputStream in = Simulation.class.getResourceAsStream(DEMO)) {
            return of(new String(Objects.requireNonNull(in, DEMO).readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ScenarioException e) {
            throw new IllegalStateException(DEMO + ": " + e.getMessage(), e);
        }
    }

    /** Returns a backend for the node's GPUs that reads the default metrics. */
    public GpuBackend backend() {
        return backend(MetricSelection.DEFAULT);
    }

    /** Returns a backend for the node's GPUs that reads the selected metrics. */
    public GpuBackend backend(MetricSelection selection) {
        return new SimulatedBackend(scenario, selection);
    }

    /** The node's processes. */
    public ProcessSource processes() {
        return new Processes();
    }

    /** The node's containers. */
    public ContainerDirectory directory() {
        return owner -> scenario.now()
                .container(owner.id())
                .<ContainerLookup>map(statement -> new ContainerLookup.Known(details(statement, owner)))
                .orElse(new ContainerLookup.Unknown(ContainerLookup.Reason.NOT_FOUND));
    }

    private static ContainerDetails details(Statement container, Workload.Named owner) {
        Map<String, String> labels = new HashMap<>();
        container.values().forEach((key, value) -> {
            if (key.startsWith(StatementType.LABEL)) {
                labels.put(key.substring(StatementType.LABEL.length()), (String) value);
            }
        });
        return new ContainerDetails(
                container.get(Attribute.NAME, ""),
                container.get(Attribute.RUNTIME, ContainerRuntime.DOCKER),
                container.get(Attribute.IMAGE, ""),
                labels,
                ContainerDetails.KubernetesNames.of(labels)
                        .map(names -> names.withPod(owner))
                        .orElse(null));
    }

    private final class Processes implements ProcessSource {

        @Override
        public boolean hostPids() {
            return true;
        }

        @Override
        public Optional<ProcessStat> stat(int pid) {
            return find(pid)
                    .map(process -> new ProcessStat(
                            new ProcessIdentity(pid, process.get(Attribute.START, process.number())),
                            process.get(Attribute.COMM, "proc-" + pid),
                            process.get(Attribute.STATE, 'S')));
        }

        @Override
        public Optional<String> cgroup(int pid) {
            return find(pid).map(process -> process.get(Attribute.CGROUP));
        }

        @Override
        public Optional<String> mountinfo(int pid) {
            return find(pid).map(process -> "");
        }

        @Override
        public OptionalInt uid(int pid) {
            return find(pid).stream()
                    .mapToInt(process -> process.get(Attribute.UID, 0))
                    .findFirst();
        }

        @Override
        public Optional<String> userName(int uid) {
            return scenario.now().scenario().all(StatementType.PROC).stream()
                    .filter(process -> process.get(Attribute.UID, 0) == uid)
                    .flatMap(process -> Stream.ofNullable(process.get(Attribute.USER)))
                    .findFirst();
        }

        private Optional<Statement> find(int pid) {
            return scenario.now().process(pid);
        }
    }
}
