package io.gpuagent.simulation;

import java.time.Duration;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A value that may change over time: a triangle wave from one value to another and back within a period, or a constant
 * if the period is zero.
 */
record Waveform(double from, double to, Duration period) {

    private static final Pattern SIZE = Pattern.compile("(\\d+(?:\\.\\d+)?)([KMGT]?)");
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(?:\\.\\d+)?");
    private static final Pattern DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)(ms|s|m|h)");
    private static final Pattern MOVING = Pattern.compile("(.+?)\\.\\.(.+)/(.+)");

    /** The value at a time since the scenario's start. */
    double at(Duration time) {
        if (period.isZero()) {
            return from;
        }
        double phase = (time.toNanos() % period.toNanos()) / (double) period.toNanos();
        double progress = phase < 0.5 ? 2 * phase : 2 * (1 - phase);
        return from + (to - from) * progress;
    }

    /** The integral from the scenario's start to a time, in the value's unit times seconds. */
    double integral(Duration time) {
        double seconds = time.toNanos() / 1e9;
        if (period.isZero()) {
            return from * seconds;
        }
        double half = period.toNanos() / 2e9;
        long halves = (long) (seconds / half);
        double rest = seconds - halves * half;
        double slope = (to - from) / half;
        double lastHalf = halves % 2 == 0 ? from * rest + slope * rest * rest / 2 : to * rest - slope * rest * rest / 2;
        return halves * half * (from + to) / 2 + lastHalf;
    }

    static Waveform size(String text) {
        return parse(text, Waveform::sizeOf);
    }

    static Waveform number(String text) {
        return parse(text, Waveform::numberOf);
    }

    /** Returns this waveform with its values multiplied by a factor. */
    Waveform times(double factor) {
        return new Waveform(from * factor, to * factor, period);
    }

    private static Waveform parse(String text, ToDoubleFunction<String> reader) {
        Matcher moving = MOVING.matcher(text);
        if (!moving.matches()) {
            double value = reader.applyAsDouble(text);
            return new Waveform(value, value, Duration.ZERO);
        }
        Duration period = duration(moving.group(3));
        Tokenizer.require(!period.isZero(), "the period of " + text + " is zero");
        return new Waveform(reader.applyAsDouble(moving.group(1)), reader.applyAsDouble(moving.group(2)), period);
    }

    private static double sizeOf(String text) {
        Matcher size = match(SIZE, text, "a size, such as 46137344, 44M or 1.5G");
        int power = size.group(2).isEmpty() ? 0 : 1 + "KMGT".indexOf(size.group(2));
        return Double.parseDouble(size.group(1)) * (1L << (10 * power));
    }

    private static double numberOf(String text) {
        return Double.parseDouble(match(NUMBER, text, "a number").group());
    }

    static Duration duration(String text) {
        Matcher duration = match(DURATION, text, "a duration, such as 500ms, 10s, 2m or 1h");
        double unit = switch (duration.group(2)) {
            case "ms" -> 1e6;
            case "s" -> 1e9;
            case "m" -> 60e9;
            default -> 3600e9;
        };
        return Duration.ofNanos((long) (Double.parseDouble(duration.group(1)) * unit));
    }

    private static Matcher match(Pattern pattern, String text, String expected) {
        Matcher matcher = pattern.matcher(text);
        Tokenizer.require(matcher.matches(), text + " is not " + expected);
        return matcher;
    }

    static int integer(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(text + " is not a whole number", e);
        }
    }
}
