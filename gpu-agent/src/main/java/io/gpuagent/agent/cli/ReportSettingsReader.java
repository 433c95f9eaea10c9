package io.gpuagent.agent.cli;

import java.math.BigDecimal;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads the settings of {@code report} from flag values. */
final class ReportSettingsReader {

    private static final Set<String> PRICED = Set.of("gpu-hour", "gib-hour", "kwh");

    private ReportSettingsReader() {}

    static ReportSettings report(FlagValues values, Instant now) throws UsageException {
        Map<String, BigDecimal> prices =
                values.read(Flag.PRICE, text -> pairs(text, PRICED, ReportSettingsReader::price));
        return new ReportSettings(
                server(values),
                range(values, now),
                values.read(Flag.BY, SettingsReader::keys),
                values.read(Flag.FILTER, text -> pairs(text, Set.of(), Pattern::compile)),
                values.choose(Flag.SHARE, ReportSettings.Share.class),
                new ReportSettings.Prices(
                        prices.get("gpu-hour"),
                        prices.get("gib-hour"),
                        prices.get("kwh"),
                        values.get(Flag.CURRENCY).text()),
                values.isOn(Flag.SPREAD_ENERGY),
                values.choose(Flag.REPORT_FORMAT, ReportSettings.Format.class),
                SettingsReader.optionalFile(values, Flag.OUTPUT),
                values.isOn(Flag.ALLOW_PARTIAL));
    }

    private static ReportSettings.Server server(FlagValues values) throws UsageException {
        return new ReportSettings.Server(
                values.read(Flag.PROMETHEUS_URL, ReportSettingsReader::url),
                new ReportSettings.Credentials(
                        values.get(Flag.PROMETHEUS_USERNAME).text(),
                        SettingsReader.optionalFile(values, Flag.PROMETHEUS_PASSWORD),
                        SettingsReader.optionalFile(values, Flag.PROMETHEUS_TOKEN),
                        SettingsReader.optionalFile(values, Flag.PROMETHEUS_CA),
                        SettingsReader.optionalFile(values, Flag.PROMETHEUS_CERT),
                        SettingsReader.optionalFile(values, Flag.PROMETHEUS_KEY)),
                values.read(Flag.PROMETHEUS_HEADERS, text -> pairs(text, Set.of(), Function.identity())),
                values.read(Flag.PROMETHEUS_TIMEOUT, SettingsReader::time),
                values.word(Flag.RECORDING_RULES).equals("auto"));
    }

    private static ReportSettings.Range range(FlagValues values, Instant now) throws UsageException {
        ZoneId zone = values.read(Flag.TIME_ZONE, ReportSettingsReader::zone);
        if (values.has(Flag.TO) && !values.has(Flag.FROM)) {
            throw values.get(Flag.TO).refused("requires --from");
        }
        ReportSettings.Range range = values.has(Flag.FROM)
                ? new ReportSettings.Range(
                        values.read(Flag.FROM, text -> instant(text, zone)),
                        values.has(Flag.TO) ? values.read(Flag.TO, text -> instant(text, zone)) : now,
                        zone)
                : values.read(Flag.LAST, text -> last(text, now, zone));
        ReportSettings.Range whole = new ReportSettings.Range(
                onGrid(range.from()), onGrid(range.to().isAfter(now) ? now : range.to()), zone);
        if (!whole.from().isBefore(whole.to())) {
            throw values.get(values.has(Flag.FROM) ? Flag.FROM : Flag.LAST).refused("results in an empty time range");
        }
        return whole;
    }

    private static Instant onGrid(Instant time) {
        long step = ReportSettings.INTERVAL.toSeconds();
        return Instant.ofEpochSecond(Math.floorDiv(time.getEpochSecond(), step) * step);
    }

    static ReportSettings.Range last(String text, Instant now, ZoneId zone) {
        if (text.equals("month")) {
            LocalDate month = now.atZone(zone).toLocalDate().withDayOfMonth(1);
            Instant begin = month.minusMonths(1).atStartOfDay(zone).toInstant();
            return new ReportSettings.Range(begin, month.atStartOfDay(zone).toInstant(), zone);
        }
        if (!text.matches("[1-9]\\d{0,3}[dh]")) {
            throw new IllegalArgumentException("is neither month nor a duration such as 7d or 12h");
        }
        int count = Integer.parseInt(text.substring(0, text.length() - 1));
        Duration length = text.endsWith("d") ? Duration.ofDays(count) : Duration.ofHours(count);
        return new ReportSettings.Range(now.minus(length), now, zone);
    }

    private static Instant instant(String text, ZoneId zone) {
        try {
            if (text.length() <= 10) {
                return LocalDate.parse(text).atStartOfDay(zone).toInstant();
            }
            return text.matches(".*(Z|[+-]\\d\\d:\\d\\d)")
                    ? OffsetDateTime.parse(text).toInstant()
                    : LocalDateTime.parse(text).atZone(zone).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("is not a time such as 2026-10-01 or 2026-10-01T12:00", e);
        }
    }

    private static ZoneId zone(String text) {
        try {
            return ZoneId.of(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("is not a time zone such as UTC or Europe/Berlin", e);
        }
    }

    private static URI url(String text) {
        URI url = URI.create(text.replaceAll("/+$", ""));
        if (!Set.of("http", "https").contains(String.valueOf(url.getScheme())) || url.getHost() == null) {
            throw new IllegalArgumentException("is not an http or https URL");
        }
        return url;
    }

    private static BigDecimal price(String text) {
        BigDecimal price = new BigDecimal(text);
        if (price.signum() < 0) {
            throw new IllegalArgumentException();
        }
        return price;
    }

    /**
     * Parses {@code NAME=VALUE,...}.
     *
     * @param names the allowed names; empty for any
     */
    private static <T> Map<String, T> pairs(String text, Set<String> names, Function<String, T> reader) {
        Map<String, T> pairs = new LinkedHashMap<>();
        for (String pair : SettingsReader.keys(text)) {
            int equals = pair.indexOf('=');
            String name = pair.substring(0, Math.max(0, equals)).strip();
            try {
                if (name.isEmpty() || !names.isEmpty() && !names.contains(name)) {
                    throw new IllegalArgumentException();
                }
                pairs.put(name, reader.apply(pair.substring(equals + 1).strip()));
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException("has an invalid regular expression: " + e.getDescription(), e);
            } catch (IllegalArgumentException e) {
                String form = names.isEmpty() ? "NAME=VALUE" : "NAME=NUMBER, where NAME is gpu-hour, gib-hour or kwh";
                throw new IllegalArgumentException("is not a list of " + form, e);
            }
        }
        return pairs;
    }
}
