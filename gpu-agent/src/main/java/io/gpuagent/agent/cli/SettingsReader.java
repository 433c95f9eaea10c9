package io.gpuagent.agent.cli;

import io.gpuagent.agent.metrics.MetricOptions;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Settings from the texts of the flags. */
final class SettingsReader {

    private static final Function<String, Duration> TIME = DurationText.atLeast(Duration.ofMillis(100));
    private static final Pattern URL_PATH = Pattern.compile("(/[\\w.~-]+)+");
    private static final Pattern RESERVED_PATH = Pattern.compile("/(-|api)(/.*)?");

    private SettingsReader() {}

    static Settings settings(FlagValues values, Map<String, String> environment, Supplier<String> hostName)
            throws UsageException {
        return new Settings(
                web(values),
                source(values),
                new Settings.Metrics(
                        values.read(Flag.LEGACY_METRIC, oneOf(MetricOptions.Legacy.class)),
                        values.read(Flag.LEGACY_UNIT, oneOf(MetricOptions.LegacyUnit.class)),
                        values.read(Flag.COLLECT_PROCESSES, SettingsReader::bool)),
                values.read(Flag.SAMPLE_INTERVAL, TIME),
                values.read(Flag.DRIVER_UPGRADE, oneOf(Settings.DriverUpgrade.class)),
                nodeName(values, environment, hostName),
                new Settings.Log(
                        values.read(Flag.LOG_LEVEL, oneOf(Settings.Level.class)),
                        values.read(Flag.LOG_FORMAT, oneOf(Settings.LogFormat.class))));
    }

    static PsSettings ps(FlagValues values) throws UsageException {
        PsSettings.Format format = values.read(Flag.FORMAT, oneOf(PsSettings.Format.class));
        if (values.has(Flag.WATCH) && format != PsSettings.Format.TABLE) {
            throw new UsageException("--watch: shows a table, and does not go with --format=" + label(format));
        }
        return new PsSettings(
                values.read(Flag.PROCESSES, SettingsReader::bool),
                format,
                values.has(Flag.WATCH) ? values.read(Flag.WATCH, TIME) : null);
    }

    private static Settings.Web web(FlagValues values) throws UsageException {
        if (values.has(Flag.WEB_CONFIG)) {
            throw values.get(Flag.WEB_CONFIG).refused("cannot be used: TLS and authentication are not built yet");
        }
        return new Settings.Web(
                values.read(Flag.LISTEN_ADDRESS, ListenAddress::parse),
                values.read(Flag.TELEMETRY_PATH, SettingsReader::urlPath));
    }

    private static Settings.Source source(FlagValues values) throws UsageException {
        Settings.Backend backend = values.read(Flag.BACKEND, oneOf(Settings.Backend.class));
        if (values.has(Flag.SCENARIO) && backend != Settings.Backend.SIMULATED) {
            throw values.get(Flag.SCENARIO).refused("needs --backend=simulated, which is " + label(backend));
        }
        return new Settings.Source(
                backend,
                optionalFile(values, Flag.SCENARIO),
                optionalFile(values, Flag.NVML_LIBRARY),
                values.read(Flag.NVML_DEADLINE, TIME),
                values.get(Flag.DOCKER_HOST).text(),
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

    private static @Nullable Path optionalFile(FlagValues values, Flag flag) throws UsageException {
        return values.has(flag) ? values.read(flag, SettingsReader::path) : null;
    }

    private static Path path(String text) {
        try {
            if (!text.isEmpty()) {
                return Path.of(text);
            }
        } catch (InvalidPathException e) {
            // A NUL; said below, as for the empty path.
        }
        throw new IllegalArgumentException("is not a path");
    }

    private static String urlPath(String text) {
        if (!URL_PATH.matcher(text).matches()) {
            throw new IllegalArgumentException("is not a path such as /metrics");
        }
        if (RESERVED_PATH.matcher(text).matches()) {
            throw new IllegalArgumentException("is the place of another page");
        }
        return text;
    }

    private static boolean bool(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("is neither true nor false");
        };
    }

    private static <E extends Enum<E>> Function<String, E> oneOf(Class<E> type) {
        return text -> Arrays.stream(type.getEnumConstants())
                .filter(constant -> label(constant).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("is none of "
                        + Arrays.stream(type.getEnumConstants())
                                .map(SettingsReader::label)
                                .collect(Collectors.joining(", "))));
    }

    private static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
