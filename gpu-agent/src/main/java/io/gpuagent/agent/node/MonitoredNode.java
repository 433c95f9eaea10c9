package io.gpuagent.agent.node;

import static java.util.stream.Collectors.toMap;

import io.gpuagent.agent.cli.Settings;
import io.gpuagent.agent.containers.CachingDirectory;
import io.gpuagent.agent.containers.ContainerSource;
import io.gpuagent.agent.containers.ContainerSources;
import io.gpuagent.agent.containers.LookupCount;
import io.gpuagent.device.GpuBackend;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.nvml.NvmlBackend;
import io.gpuagent.process.ProcFs;
import io.gpuagent.process.ProcessSource;
import io.gpuagent.simulation.ScenarioException;
import io.gpuagent.simulation.Simulation;
import io.gpuagent.usage.Sampler;
import io.gpuagent.workload.ContainerDirectory;
import io.gpuagent.workload.WorkloadResolver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The node that the settings describe, real or simulated, and its running sampler.
 *
 * @param names the container directory; null if there is no container source
 */
public record MonitoredNode(Sampler sampler, @Nullable CachingDirectory names) implements AutoCloseable {

    /** Thrown if settings are invalid on this node. The message is printed to standard error. */
    public static final class InvalidSettingsException extends Exception {

        private static final long serialVersionUID = 1L;

        public InvalidSettingsException(String message) {
            super(message);
        }
    }

    /**
     * Starts sampling.
     *
     * @param interval the time between two samples
     * @throws InvalidSettingsException if the scenario cannot be read, or if the address of Docker or a bundle directory is invalid
     */
    public static MonitoredNode start(Settings settings, Duration interval, Map<String, String> environment)
            throws InvalidSettingsException {
        return settings.source().backend() == Settings.Backend.SIMULATED
                ? simulated(settings, interval)
                : real(settings, interval, environment);
    }

    private static MonitoredNode simulated(Settings settings, Duration interval) throws InvalidSettingsException {
        Simulation simulation = simulation(settings.source().scenario());
        Sampler sampler = sampler(
                settings,
                interval,
                simulation.backend(settings.metrics().selection()),
                simulation.processes(),
                simulation.directory());
        return new MonitoredNode(sampler, null);
    }

    public static Simulation simulation(@Nullable Path file) throws InvalidSettingsException {
        if (file == null) {
            return Simulation.demo();
        }
        try {
            return Simulation.of(file);
        } catch (ScenarioException e) {
            throw new InvalidSettingsException(file + ": " + e.getMessage());
        } catch (IOException e) {
            throw new InvalidSettingsException("--scenario=" + file + " cannot be read: " + e);
        }
    }

    private static MonitoredNode real(Settings settings, Duration interval, Map<String, String> environment)
            throws InvalidSettingsException {
        Settings.Source source = settings.source();
        GpuBackend backend = nvml(source, settings.metrics().selection());
        ProcessSource processes = new ProcFs(source.procfs(), source.rootfs(), source.userLabel(), source.userNames());
        List<ContainerSource> sources = sources(source, environment);
        if (sources.isEmpty()) {
            return new MonitoredNode(sampler(settings, interval, backend, processes, ContainerDirectory.NONE), null);
        }
        CachingDirectory names = new CachingDirectory(sources, source.containerLabels());
        return new MonitoredNode(sampler(settings, interval, backend, processes, names), names);
    }

    public static NvmlBackend nvml(Settings.Source source, MetricSelection selection) {
        return new NvmlBackend(new NvmlBackend.Options()
                .withLibrary(source.nvmlLibrary())
                .withHostRoot(source.rootfs())
                .withSelection(selection));
    }

    /** The container sources; empty if all of them are switched off. */
    public static List<ContainerSource> sources(Settings.Source source, Map<String, String> environment)
            throws InvalidSettingsException {
        try {
            return ContainerSources.of(source.dockerHost(), source.ociBundles(), environment, source.rootfs());
        } catch (IllegalArgumentException e) {
            throw new InvalidSettingsException(String.valueOf(e.getMessage()));
        }
    }

    private static Sampler sampler(
            Settings settings,
            Duration interval,
            GpuBackend backend,
            ProcessSource processes,
            ContainerDirectory names) {
        return Sampler.of(backend)
                .workloads(new WorkloadResolver(processes, settings.source().containerUsers()))
                .directory(names)
                .interval(interval)
                .deadline(settings.source().nvmlDeadline())
                .peakWindow(settings.accounts().peakWindow())
                .maxWorkloads(settings.accounts().mostWorkloads())
                .start();
    }

    /** The number of container lookups, by source and outcome. */
    public Map<List<String>, Long> lookups() {
        return names == null
                ? Map.of()
                : names.lookups().stream()
                        .collect(
                                toMap(row -> List.of(row.source(), row.outcome().label()), LookupCount::count));
    }

    @Override
    public void close() {
        sampler.close();
        if (names != null) {
            names.close();
        }
    }
}
