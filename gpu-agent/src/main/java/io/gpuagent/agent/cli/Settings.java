package io.gpuagent.agent.cli;

import io.gpuagent.agent.metrics.MetricOptions;
import io.gpuagent.device.MetricGroup;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.process.UserLabel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The validated settings of the agent, with defaults filled in.
 *
 * @param nodeName never empty
 */
public record Settings(
        Web web,
        Source source,
        Metrics metrics,
        Duration sampleInterval,
        Accounts accounts,
        DriverUpgrade onDriverUpgrade,
        String nodeName,
        Log log) {

    /**
     * The HTTP server.
     *
     * @param telemetryPath the path of the metrics page; begins with a slash and differs from the agent's other paths
     * @param configFile the web config file; null to serve without TLS and authentication
     */
    public record Web(
            ListenAddress listen,
            String telemetryPath,
            @Nullable Path configFile) {}

    /**
     * Where GPU, process and name data comes from.
     *
     * @param scenario only with {@link Backend#SIMULATED}; null for the built-in demo
     * @param nvmlLibrary null to search the standard locations
     * @param nvmlDeadline the time after which a GPU that has not answered counts as stalled
     * @param dockerHost {@code auto}, {@code off} or an address; validated where it is used
     * @param ociBundles {@code auto}, {@code off} or directories; validated where it is used
     * @param containerLabels keys of the container labels to export
     * @param containerUsers whether processes in pods, guests and root's containers have a user
     * @param userNames null for the host's passwd file
     */
    public record Source(
            Backend backend,
            @Nullable Path scenario,
            @Nullable Path nvmlLibrary,
            Duration nvmlDeadline,
            String dockerHost,
            String ociBundles,
            List<String> containerLabels,
            boolean containerUsers,
            UserLabel userLabel,
            @Nullable Path userNames,
            Path procfs,
            Path rootfs) {

        public Source {
            containerLabels = List.copyOf(containerLabels);
        }
    }

    /**
     * The limits of the ledger.
     *
     * @param peakWindow the window over which a workload's peak memory is taken
     * @param mostWorkloads the maximum number of accounts; workloads beyond it share one
     */
    public record Accounts(Duration peakWindow, int mostWorkloads) {}

    /**
     * The metric families to export.
     *
     * @param processes whether to export families with a pid label
     * @param groups the groups of device metrics to read
     */
    public record Metrics(
            MetricOptions.Legacy legacy,
            MetricOptions.LegacyUnit legacyUnit,
            boolean processes,
            Set<MetricGroup> groups) {

        public Metrics {
            groups = Set.copyOf(groups);
        }

        public MetricSelection selection() {
            return MetricSelection.DEFAULT.withGroups(groups);
        }
    }

    /** The minimum level and the format of the log. */
    public record Log(Level level, LogFormat format) {}

    /** A source of GPU data. */
    public enum Backend {
        /** The driver, never the simulation. */
        AUTO,
        NVML,
        SIMULATED
    }

    /** What to do after the driver was upgraded while the agent runs. */
    public enum DriverUpgrade {
        /** Exit, so that the supervisor restarts the agent with the new library. */
        EXIT,
        STAY
    }

    /** Log levels, from the most to the least severe. */
    public enum Level {
        ERROR,
        WARN,
        INFO,
        DEBUG
    }

    /** The format of log records. */
    public enum LogFormat {
        /** {@code name=value} pairs. */
        TEXT,
        JSON
    }
}
