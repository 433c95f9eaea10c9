package io.gpuagent.agent.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as they are written in flags: {@code 500ms}, {@code 1.5s}, {@code 2m}, {@code 1h}. */
final class DurationText {

    private static final Pattern FORM = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(ms|s|m|h)");
    private static final Map<String, Long> UNITS = Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L);
    private static final Duration LONGEST = Duration.ofDays(1);

    private DurationText() {}

    /** A reader of durations from {@code shortest} to a day. */
    static Function<String, Duration> atLeast(Duration shortest) {
        return text -> {
            Duration duration = parse(text);
            if (duration.compareTo(shortest) < 0) {
                throw new IllegalArgumentException("is too short; the shortest is " + shortest.toMillis() + "ms");
            }
            if (duration.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("is too long; the longest is " + LONGEST.toHours() + "h");
            }
            return duration;
        };
    }

    private static Duration parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("is not a duration such as 500ms, 1s or 2m");
        }
        BigDecimal millis = new BigDecimal(matcher.group(1))
                .multiply(BigDecimal.valueOf(Objects.requireNonNull(UNITS.get(matcher.group(2)))));
        return Duration.ofMillis(millis.setScale(0, RoundingMode.HALF_UP).longValueExact());
    }
}
