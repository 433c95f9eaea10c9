package io.gpuagent.agent.cli;

import io.gpuagent.agent.metrics.MetricOptions;
import io.gpuagent.device.MetricGroup;
import io.gpuagent.process.UserLabel;
import io.gpuagent.usage.Sampler;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads settings from flag values. */
final class SettingsReader {

    private static final Duration SHORTEST = Sampler.SHORTEST_INTERVAL;
    private static final Duration LONGEST = Duration.ofHours(24);
    private static final Pattern URL_PATH = Pattern.compile("(/[\\w.~-]+)+");
    private static final Pattern RESERVED_PATH = Pattern.compile("/(-|api|page)(/.*)?");

    private SettingsReader() {}

    static Settings settings(FlagValues values, Map<String, String> environment, Supplier<String> hostName)
            throws UsageException {
        return new Settings(
                web(values),
                source(values),
                new Settings.Metrics(
                        values.choose(Flag.LEGACY_METRIC, MetricOptions.Legacy.class),
                        values.choose(Flag.LEGACY_UNIT, MetricOptions.LegacyUnit.class),
                        values.isOn(Flag.COLLECT_PROCESSES),
                        groups(values)),
                values.read(Flag.SAMPLE_INTERVAL, SettingsReader::time),
                new Settings.Accounts(
                        values.read(Flag.PEAK_WINDOW, SettingsReader::time),
                        values.read(Flag.MAX_WORKLOADS, SettingsReader::count)),
                values.choose(Flag.DRIVER_UPGRADE, Settings.DriverUpgrade.class),
                nodeName(values, environment, hostName),
                new Settings.Log(
                        values.choose(Flag.LOG_LEVEL, Settings.Level.class),
                        values.choose(Flag.LOG_FORMAT, Settings.LogFormat.class)));
    }

    private static Set<MetricGroup> groups(FlagValues values) throws UsageException {
        Set<MetricGroup> groups = EnumSet.noneOf(MetricGroup.class);
        for (MetricGroup group : MetricGroup.values()) {
            Optional<Flag> flag = Flag.of(group);
            if (flag.isEmpty() || values.isOn(flag.get())) {
                groups.add(group);
            }
        }
        return groups;
    }

    static PsSettings ps(FlagValues values) throws UsageException {
        PsSettings.Format format = values.choose(Flag.FORMAT, PsSettings.Format.class);
        Duration watch = values.has(Flag.WATCH) ? values.read(Flag.WATCH, SettingsReader::time) : null;
        if (watch != null && format != PsSettings.Format.TABLE) {
            throw values.get(Flag.WATCH).refused("requires --format=table");
        }
        return new PsSettings(values.isOn(Flag.PROCESSES), format, watch);
    }

    /** Whether {@code doctor} writes JSON. */
    static boolean json(FlagValues values) throws UsageException {
        return values.choose(Flag.DOCTOR_FORMAT, PsSettings.Format.class) == PsSettings.Format.JSON;
    }

    private static Settings.Web web(FlagValues values) throws UsageException {
        return new Settings.Web(
                values.read(Flag.LISTEN_ADDRESS, ListenAddress::parse),
                values.read(Flag.TELEMETRY_PATH, SettingsReader::urlPath),
                optionalFile(values, Flag.WEB_CONFIG));
    }

    private static Settings.Source source(FlagValues values) throws UsageException {
        Settings.Backend backend = values.choose(Flag.BACKEND, Settings.Backend.class);
        if (values.has(Flag.SCENARIO) && backend != Settings.Backend.SIMULATED) {
            throw values.get(Flag.SCENARIO).refused("requires --backend=simulated");
        }
        return new Settings.Source(
                backend,
                optionalFile(values, Flag.SCENARIO),
                optionalFile(values, Flag.NVML_LIBRARY),
                values.read(Flag.NVML_DEADLINE, SettingsReader::time),
                values.get(Flag.DOCKER_HOST).text(),
                values.get(Flag.OCI_BUNDLES).text(),
                values.read(Flag.CONTAINER_LABELS, SettingsReader::keys),
                values.isOn(Flag.CONTAINER_USERS),
                values.choose(Flag.USER_LABEL, UserLabel.class),
                optionalFile(values, Flag.USER_NAMES),
                values.read(Flag.PROCFS, SettingsReader::path),
                values.read(Flag.ROOTFS, SettingsReader::path));
    }

    private static String nodeName(FlagValues values, Map<String, String> environment, Supplier<String> hostName) {
        if (values.has(Flag.NODE_NAME)) {
            return values.get(Flag.NODE_NAME).text();
        }
        String downward = environment.getOrDefault("NODE_NAME", "");
        return downward.isEmpty() ? hostName.get() : downward;
    }

    static @Nullable Path optionalFile(FlagValues values, Flag flag) throws UsageException {
        return values.has(flag) ? values.read(flag, SettingsReader::path) : null;
    }

    private static Path path(String text) {
        if (text.isEmpty() || text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("is not a path");
        }
        return Path.of(text);
    }

    static List<String> keys(String text) {
        return Stream.of(text.split(","))
                .map(String::strip)
                .filter(key -> !key.isEmpty())
                .distinct()
                .toList();
    }

    private static String urlPath(String text) {
        if (!URL_PATH.matcher(text).matches()) {
            throw new IllegalArgumentException("is not a path such as /metrics");
        }
        if (RESERVED_PATH.matcher(text).matches()) {
            throw new IllegalArgumentException("is reserved for other pages");
        }
        return text;
    }

    private static int count(String text) {
        if (!text.matches("[1-9]\\d{0,6}")) {
            throw new IllegalArgumentException("is not a number from 1 to 9999999");
        }
        return Integer.parseInt(text);
    }

    static Duration time(String text) {
        Duration time = duration(text);
        if (time.compareTo(SHORTEST) < 0 || time.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("is not between 100ms and 24h");
        }
        return time;
    }

    /** Parses {@code 500ms}, or an ISO 8601 duration without its {@code PT}: {@code 1.5s}, {@code 2m}, {@code 1h30m}. */
    private static Duration duration(String text) {
        try {
            return text.matches("\\d{1,9}ms")
                    ? Duration.ofMillis(Long.parseLong(text.substring(0, text.length() - 2)))
                    : Duration.parse("PT" + text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("is not a duration such as 500ms, 1s or 2m", e);
        }
    }
}
