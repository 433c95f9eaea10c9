package io.gpuagent.agent.doctor;

import io.gpuagent.agent.cli.Settings;
import io.gpuagent.agent.containers.ContainerSource;
import io.gpuagent.agent.node.MonitoredNode;
import io.gpuagent.device.GpuBackend;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.nvml.NvmlBackend;
import io.gpuagent.process.ProcFs;
import io.gpuagent.process.ProcessSource;
import io.gpuagent.simulation.Simulation;
import io.gpuagent.usage.Sampler;
import io.gpuagent.workload.WorkloadResolver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Assembles the checks of {@code doctor} for the node that the settings describe. */
public final class DoctorChecks {

    private static final Path DEV = Path.of("/dev");

    /** The sample interval of the doctor. It is short, so that a hung call is detected soon after its deadline. */
    private static final Duration INTERVAL = Duration.ofMillis(250);

    private DoctorChecks() {}

    public static List<Check> checks(Settings.Source source, Map<String, String> environment)
            throws MonitoredNode.InvalidSettingsException {
        List<Check> driver = source.backend() == Settings.Backend.SIMULATED ? List.of(simulated(source)) : real(source);
        return withHost(driver, source, environment, MonitoredNode.sources(source, environment));
    }

    /**
     * The checks of a running agent. The state of the driver is taken from the agent's own sampler, so that the report describes what the
     * agent exports.
     */
    public static List<Check> checks(
            Settings.Source source, Map<String, String> environment, Sampler running, List<ContainerSource> sources) {
        DriverCheck driver = new DriverCheck(source.procfs(), () -> Optional.of(running));
        List<Check> checks = source.backend() == Settings.Backend.SIMULATED
                ? List.of(driver)
                : List.of(driver, DeviceNodeChecks.of(DEV, source.procfs(), driver));
        return withHost(checks, source, environment, sources);
    }

    private static List<Check> withHost(
            List<Check> checks,
            Settings.Source source,
            Map<String, String> environment,
            List<ContainerSource> sources) {
        List<Check> host = HostChecks.of(source.procfs(), environment);
        return Stream.of(checks, host, List.<Check>of(new RuntimesCheck(sources)))
                .flatMap(List::stream)
                .toList();
    }

    private static DriverCheck simulated(Settings.Source source) throws MonitoredNode.InvalidSettingsException {
        Simulation simulation = MonitoredNode.simulation(source.scenario());
        return new DriverCheck(
                source.procfs(), () -> Optional.of(sampler(simulation.backend(), simulation.processes())));
    }

    private static List<Check> real(Settings.Source source) {
        NvmlBackend backend = MonitoredNode.nvml(source, MetricSelection.DEFAULT);
        LibraryCheck library = new LibraryCheck(backend);
        DriverCheck driver = new DriverCheck(
                source.procfs(),
                () -> library.isUsable()
                        ? Optional.of(sampler(backend, new ProcFs(source.procfs(), source.rootfs())))
                        : Optional.empty());
        return List.of(library, driver, DeviceNodeChecks.of(DEV, source.procfs(), driver));
    }

    private static Sampler sampler(GpuBackend backend, ProcessSource processes) {
        return Sampler.of(backend)
                .workloads(new WorkloadResolver(processes))
                .interval(INTERVAL)
                .deadline(DriverCheck.DEADLINE)
                .firstDeadline(DriverCheck.DEADLINE)
                .start();
    }
}
