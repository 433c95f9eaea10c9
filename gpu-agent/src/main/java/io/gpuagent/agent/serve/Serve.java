package io.gpuagent.agent.serve;

import io.gpuagent.agent.cli.JvmFlags;
import io.gpuagent.agent.cli.Settings;
import io.gpuagent.agent.cli.Version;
import io.gpuagent.agent.containers.ContainerSource;
import io.gpuagent.agent.doctor.CachedDoctorReport;
import io.gpuagent.agent.doctor.DoctorChecks;
import io.gpuagent.agent.doctor.DoctorCommand;
import io.gpuagent.agent.http.AgentServer;
import io.gpuagent.agent.http.WebConfigFile;
import io.gpuagent.agent.metrics.GpuCollector;
import io.gpuagent.agent.metrics.MetricOptions;
import io.gpuagent.agent.node.MonitoredNode;
import io.gpuagent.device.BackendUnavailableException.Reason;
import io.gpuagent.platform.DaemonThreads;
import io.gpuagent.usage.BackendState;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.hotspot.StandardExports;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Runs the exporter. */
public final class Serve {

    private static final System.Logger LOG = System.getLogger(Serve.class.getName());

    /** Exit status that asks the supervisor to restart the agent (EX_TEMPFAIL of sysexits.h). */
    private static final int DRIVER_REPLACED = 75;

    private static final int CANNOT_LISTEN = 1;
    private static final long ORDERLY_END_MILLIS = 500;
    private static final long WATCH_MILLIS = 500;
    private static final Duration DOCTOR_EVERY = Duration.ofMinutes(1);

    private Serve() {}

    /** Serves until the process is terminated or the driver is replaced; returns the exit status. */
    public static int run(Settings settings, List<String> warnings, Map<String, String> environment)
            throws MonitoredNode.InvalidSettingsException {
        warnings.forEach(line -> LOG.log(Level.WARNING, line));
        JvmFlags.advice().ifPresent(line -> LOG.log(Level.WARNING, line));
        WebConfigFile web = web(settings);
        List<Runnable> closing = new CopyOnWriteArrayList<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(closing), "gpu-agent-end"));
        MonitoredNode node = MonitoredNode.start(settings, settings.sampleInterval(), environment);
        closing.add(node::close);
        CollectorRegistry registry = new CollectorRegistry(true);
        new GpuCollector(node.sampler()::current, options(settings, node)).register(registry);
        new StandardExports().register(registry);
        try {
            AgentServer server = AgentServer.start(
                    settings.web().listen().toSocketAddress(),
                    settings.web().telemetryPath(),
                    registry,
                    node.sampler()::current,
                    doctor(settings.source(), environment, node),
                    web);
            closing.add(0, server::close);
            LOG.log(Level.INFO, "listening on " + settings.web().listen());
            return watch(settings, node);
        } catch (IOException e) {
            LOG.log(Level.ERROR, String.valueOf(e.getMessage()));
            return CANNOT_LISTEN;
        }
    }

    private static @Nullable WebConfigFile web(Settings settings) throws MonitoredNode.InvalidSettingsException {
        Path file = settings.web().configFile();
        try {
            return file == null ? null : WebConfigFile.open(file);
        } catch (IOException e) {
            throw new MonitoredNode.InvalidSettingsException("--web.config.file: " + e.getMessage());
        }
    }

    /** Gives the doctor container sources of its own, so that its report shows the current state of each location instead of a cached one. */
    private static CachedDoctorReport doctor(
            Settings.Source source, Map<String, String> environment, MonitoredNode node)
            throws MonitoredNode.InvalidSettingsException {
        List<ContainerSource> sources = MonitoredNode.sources(source, environment);
        return new CachedDoctorReport(
                () -> DoctorChecks.checks(source, environment, node.sampler(), sources),
                DoctorCommand.LIMIT,
                DOCTOR_EVERY);
    }

    private static MetricOptions options(Settings settings, MonitoredNode node) {
        Settings.Metrics metrics = settings.metrics();
        return MetricOptions.defaults()
                .withNode(settings.nodeName())
                .withVersion(Version.number())
                .withLegacy(metrics.legacy(), metrics.legacyUnit())
                .withPerProcess(metrics.processes())
                .withContainerLabels(settings.source().containerLabels())
                .withLookups(node::lookups);
    }

    /** Watches for a driver upgrade. A process cannot replace the library it has mapped, so only a new process can use the new driver. */
    private static int watch(Settings settings, MonitoredNode node) {
        boolean stays = settings.onDriverUpgrade() == Settings.DriverUpgrade.STAY;
        try {
            while (true) {
                BackendState backend = node.sampler().current().backend();
                if (backend.problem() == Reason.DRIVER_REPLACED && !stays) {
                    LOG.log(Level.ERROR, "exiting in order to be restarted: " + backend.message());
                    return DRIVER_REPLACED;
                }
                Thread.sleep(WATCH_MILLIS);
            }
        } catch (InterruptedException e) {
            return 0;
        }
    }

    /** Stops listening and shuts NVML down, within a time limit: a hanging call is abandoned. */
    private static void end(List<Runnable> closing) {
        Thread orderly = DaemonThreads.of("gpu-agent-close", () -> closing.forEach(Runnable::run));
        orderly.start();
        try {
            orderly.join(ORDERLY_END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(0);
    }
}
