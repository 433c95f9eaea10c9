package io.gpuagent.agent;

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
 * The node that the settings name, sampled: the real one or a simulated one.
 *
 * @param names null where nobody is asked for names
 */
record Node(Sampler sampler, @Nullable CachingDirectory names) implements AutoCloseable {

    /** Settings that make no sense on this node; the message is for standard error. */
    static final class UnfitException extends Exception {

        private static final long serialVersionUID = 1L;

        UnfitException(String message) {
            super(message);
        }
    }

    /**
     * @param interval between two samples
     * @throws UnfitException if the scenario cannot be read or the address of Docker or a directory of bundles makes no sense
     */
    static Node start(Settings settings, Duration interval, Map<String, String> environment) throws UnfitException {
        return settings.source().backend() == Settings.Backend.SIMULATED
                ? simulated(settings, interval)
                : real(settings, interval, environment);
    }

    private static Node simulated(Settings settings, Duration interval) throws UnfitException {
        Simulation simulation = simulation(settings.source().scenario());
        Sampler sampler = sampler(
                settings,
                interval,
                simulation.backend(settings.metrics().selection()),
                simulation.processes(),
                simulation.directory());
        return new Node(sampler, null);
    }

    static Simulation simulation(@Nullable Path file) throws UnfitException {
        if (file == null) {
            return Simulation.demo();
        }
        try {
            return Simulation.of(file);
        } catch (ScenarioException e) {
            throw new UnfitException(file + ": " + e.getMessage());
        } catch (IOException e) {
            throw new UnfitException("--scenario=" + file + " cannot be read: " + e);
        }
    }

    private static Node real(Settings settings, Duration interval, Map<String, String> environment)
            throws UnfitException {
        Settings.Source source = settings.source();
        GpuBackend backend = nvml(source, settings.metrics().selection());
        ProcessSource processes = new ProcFs(source.procfs(), source.rootfs());
        List<ContainerSource> sources = sources(source, environment);
        if (sources.isEmpty()) {
            return new Node(sampler(settings, interval, backend, processes, ContainerDirectory.NONE), null);
        }
        CachingDirectory names = new CachingDirectory(sources, source.containerLabels());
        return new Node(sampler(settings, interval, backend, processes, names), names);
    }

    static NvmlBackend nvml(Settings.Source source, MetricSelection selection) {
        return new NvmlBackend(new NvmlBackend.Options()
                .withLibrary(source.nvmlLibrary())
                .withHostRoot(source.rootfs())
                .withSelection(selection));
    }

    /** Who can name containers; nobody where all of that is switched off. */
    static List<ContainerSource> sources(Settings.Source source, Map<String, String> environment)
            throws UnfitException {
        try {
            return ContainerSources.of(source.dockerHost(), source.ociBundles(), environment, source.rootfs());
        } catch (IllegalArgumentException e) {
            throw new UnfitException(String.valueOf(e.getMessage()));
        }
    }

    private static Sampler sampler(
            Settings settings,
            Duration interval,
            GpuBackend backend,
            ProcessSource processes,
            ContainerDirectory names) {
        return Sampler.of(backend)
                .workloads(new WorkloadResolver(processes))
                .directory(names)
                .interval(interval)
                .deadline(settings.source().nvmlDeadline())
                .peakWindow(settings.accounts().peakWindow())
                .maxWorkloads(settings.accounts().mostWorkloads())
                .start();
    }

    /** How often which source of names answered what: counts by the pair (source, outcome). */
    Map<List<String>, Long> lookups() {
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
