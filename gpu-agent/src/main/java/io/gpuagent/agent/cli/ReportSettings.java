package io.gpuagent.agent.cli;

import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The settings of {@code report}.
 *
 * @param by the labels to group rows by
 * @param filter patterns by label name; a pattern must match the whole value of its label
 * @param spreadEnergy whether unattributed energy is divided among workloads in proportion to their GPU-hours
 * @param output null for standard output
 */
public record ReportSettings(
        Server server,
        Range range,
        List<String> by,
        Map<String, Pattern> filter,
        Share share,
        Prices prices,
        boolean spreadEnergy,
        Format format,
        @Nullable Path output,
        boolean allowPartial) {

    /** The resolution of a report: within an interval, each workload's share of a GPU is constant. */
    public static final Duration INTERVAL = Duration.ofMinutes(5);

    /** A time range. Both ends are multiples of {@link #INTERVAL}. */
    public record Range(Instant from, Instant to, ZoneId zone) {}

    /** How the hours of a shared GPU are divided. */
    public enum Share {
        MEMORY,
        SM,
        MAX
    }

    /** The output format. */
    public enum Format {
        HTML,
        CSV,
        JSON,
        MARKDOWN
    }

    /** The price per unit; null if there is none. */
    public record Prices(
            @Nullable BigDecimal gpuHour,
            @Nullable BigDecimal gibHour,
            @Nullable BigDecimal kwh,
            String currency) {

        public boolean none() {
            return gpuHour == null && gibHour == null && kwh == null;
        }
    }

    /**
     * A server with the Prometheus HTTP API.
     *
     * @param rules whether to use the series of the recording rules where they exist
     */
    public record Server(
            URI url, Credentials credentials, Map<String, String> headers, Duration timeout, boolean rules) {}

    /** Credentials for the server. Files are read at each run, so that they can be rotated. */
    public record Credentials(
            String username,
            @Nullable Path passwordFile,
            @Nullable Path tokenFile,
            @Nullable Path caFile,
            @Nullable Path certFile,
            @Nullable Path keyFile) {}
}
