package io.gpuagent.agent.cli;

import io.gpuagent.agent.metrics.MetricOptions;
import io.gpuagent.device.MetricGroup;
import io.gpuagent.device.MetricSelection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be set, checked and complete.
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
     * What is served where.
     *
     * @param telemetryPath the path of the metrics page; begins with a slash and is none of the agent's other pages
     * @param configFile says how the pages are secured; null for not at all
     */
    public record Web(
            ListenAddress listen,
            String telemetryPath,
            @Nullable Path configFile) {}

    /**
     * Where GPUs, processes and names come from.
     *
     * @param scenario null for the built-in demo; only with {@link Backend#SIMULATED}
     * @param nvmlLibrary null to search the usual places
     * @param nvmlDeadline after which a GPU that does not answer counts as stalled
     * @param dockerHost {@code auto}, {@code off} or an address; checked where it is used
     * @param ociBundles {@code auto}, {@code off} or directories; checked where it is used
     * @param containerLabels keys of the container labels that are exported
     */
    public record Source(
            Backend backend,
            @Nullable Path scenario,
            @Nullable Path nvmlLibrary,
            Duration nvmlDeadline,
            String dockerHost,
            String ociBundles,
            List<String> containerLabels,
            Path procfs,
            Path rootfs) {

        public Source {
            containerLabels = List.copyOf(containerLabels);
        }
    }

    /**
     * How much is kept of what workloads have used.
     *
     * @param peakWindow the time of which the largest sample is a peak
     * @param mostWorkloads how many workloads have accounts of their own
     */
    public record Accounts(Duration peakWindow, int mostWorkloads) {

        /** What is kept where nothing else is said. */
        public static final Accounts USUAL = new Accounts(Duration.ofMinutes(1), 5000);
    }

    /**
     * Which families are exported.
     *
     * @param processes whether there are some with a pid
     * @param groups the values that GPUs are asked for
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
            return MetricSelection.USUAL.withGroups(groups);
        }
    }

    /** What is logged, and how. */
    public record Log(Level level, LogFormat format) {}

    /** A source of GPUs. */
    public enum Backend {
        /** The driver, and never the simulation. */
        AUTO,
        NVML,
        SIMULATED
    }

    /** What to do when the driver was replaced underneath us. */
    public enum DriverUpgrade {
        /** End, so that the supervisor starts us anew with the new library. */
        EXIT,
        STAY
    }

    /** From the gravest to the least. */
    public enum Level {
        ERROR,
        WARN,
        INFO,
        DEBUG
    }

    /** How a log record is written. */
    public enum LogFormat {
        /** {@code name=value} words. */
        TEXT,
        JSON
    }
}
