package io.gpuagent.simulation;

import io.gpuagent.device.GpuBackend;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.process.ProcessSource;
import io.gpuagent.process.ProcessStat;
import io.gpuagent.workload.ContainerDirectory;
import io.gpuagent.workload.ContainerLookup;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A node that a scenario file plays: its backend, its processes and its containers belong together. The format is described in
 * SCENARIO.md.
 */
public final class Simulation {

    private static final String DEMO = "demo.scenario";

    private final World world;

    private Simulation(Scenario scenario, @Nullable Path file) {
        this.world = new World(scenario, file, System::nanoTime);
    }

    /**
     * The node of a file, which is read again whenever it changes.
     *
     * @throws ScenarioException if the file is not a scenario; a later change that is not one is said in the log and not taken up
     */
    public static Simulation of(Path file) throws IOException, ScenarioException {
        return new Simulation(ScenarioParser.parse(Files.readString(file)), file);
    }

    /** The node of a text. */
    public static Simulation of(String text) throws ScenarioException {
        return new Simulation(ScenarioParser.parse(text), null);
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
                .<ContainerLookup>map(ContainerLookup.Known::new)
                .orElse(new ContainerLookup.Unknown(ContainerLookup.Reason.NOT_FOUND));
    }

    private final class Processes implements ProcessSource {

        @Override
        public boolean hostPids() {
            return true;
        }

        @Override
        public Optional<ProcessStat> stat(int pid) {
            return find(pid).map(Scenario.HostProcess::stat);
        }

        @Override
        public Optional<String> cgroup(int pid) {
            return find(pid).map(Scenario.HostProcess::cgroup);
        }

        @Override
        public Optional<String> mountinfo(int pid) {
            return find(pid).map(process -> "");
        }

        @Override
        public OptionalInt uid(int pid) {
            return find(pid).map(process -> OptionalInt.of(process.uid())).orElse(OptionalInt.empty());
        }

        @Override
        public Optional<String> userName(int uid) {
            return world.now().user(uid);
        }

        private Optional<Scenario.HostProcess> find(int pid) {
            return world.now().process(pid);
        }
    }
}
