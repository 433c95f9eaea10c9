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
 * What {@code report} is to tell, and where from.
 *
 * @param by the labels whose values make a line
 * @param filter what the labels of a workload must match as a whole
 * @param spreadEnergy whether energy of no workload is charged as GPU-hours are
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

    /** What is divided, and each share told, in one piece. */
    public static final Duration INTERVAL = Duration.ofMinutes(5);

    /** The time from a beginning to an end, both on the grid of intervals. */
    public record Range(Instant from, Instant to, ZoneId zone) {}

    /** By what the hours of a shared GPU are divided. */
    public enum Share {
        MEMORY,
        SM,
        MAX
    }

    /** How it is written. */
    public enum Format {
        HTML,
        CSV,
        JSON,
        MARKDOWN
    }

    /** What one of each costs; null where it has no price. */
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
     * A server with the API of Prometheus.
     *
     * @param rules whether what recording rules keep is used where it is there
     */
    public record Server(
            URI url, Credentials credentials, Map<String, String> headers, Duration timeout, boolean rules) {}

    /** Files are read for each run, so that they can be renewed. */
    public record Credentials(
            String username,
            @Nullable Path passwordFile,
            @Nullable Path tokenFile,
            @Nullable Path caFile,
            @Nullable Path certFile,
            @Nullable Path keyFile) {}
}
