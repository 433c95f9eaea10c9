package io.gpuagent.simulation;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of a scenario that may move: from one value to another in half a period, and back in the other half. */
record Quantity(double from, double to, Duration period) {

    private static final Pattern SIZE = Pattern.compile("(\\d+(?:\\.\\d+)?)([KMGT]?)");
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(?:\\.\\d+)?");
    private static final Pattern DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)(ms|s|m|h)");
    private static final Pattern MOVING = Pattern.compile("(.+?)\\.\\.(.+)/(.+)");

    /** The value so long after the scenario began. */
    double at(Duration time) {
        if (period.isZero()) {
            return from;
        }
        double phase = (time.toNanos() % period.toNanos()) / (double) period.toNanos();
        double way = phase < 0.5 ? 2 * phase : 2 * (1 - phase);
        return from + (to - from) * way;
    }

    /** The integral from the scenario's beginning to the time, in the quantity's unit times seconds. */
    double integral(Duration time) {
        double seconds = time.toNanos() / 1e9;
        if (period.isZero()) {
            return from * seconds;
        }
        double half = period.toNanos() / 2e9;
        long halves = (long) (seconds / half);
        double rest = seconds - halves * half;
        double slope = (to - from) / half;
        double begun = halves % 2 == 0 ? from * rest + slope * rest * rest / 2 : to * rest - slope * rest * rest / 2;
        return halves * half * (from + to) / 2 + begun;
    }

    private interface Reader {
        double read(String text) throws ScenarioException;
    }

    static Quantity size(Statement statement, String text) throws ScenarioException {
        return quantity(statement, text, one -> sizeOf(statement, one));
    }

    static Quantity number(Statement statement, String text) throws ScenarioException {
        return quantity(statement, text, one -> numberOf(statement, one));
    }

    private static Quantity quantity(Statement statement, String text, Reader reader) throws ScenarioException {
        Matcher moving = MOVING.matcher(text);
        if (!moving.matches()) {
            double value = reader.read(text);
            return new Quantity(value, value, Duration.ZERO);
        }
        Duration period = duration(statement, moving.group(3));
        if (period.isZero()) {
            throw statement.error("the period of " + text + " is zero");
        }
        return new Quantity(reader.read(moving.group(1)), reader.read(moving.group(2)), period);
    }

    private static double sizeOf(Statement statement, String text) throws ScenarioException {
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            throw statement.error(text + " is not a size, such as 46137344, 44M or 1.5G");
        }
        int power = size.group(2).isEmpty() ? 0 : 1 + "KMGT".indexOf(size.group(2));
        return Double.parseDouble(size.group(1)) * (1L << (10 * power));
    }

    private static double numberOf(Statement statement, String text) throws ScenarioException {
        if (!NUMBER.matcher(text).matches()) {
            throw statement.error(text + " is not a number");
        }
        return Double.parseDouble(text);
    }

    static Duration duration(Statement statement, String text) throws ScenarioException {
        Matcher duration = DURATION.matcher(text);
        if (!duration.matches()) {
            throw statement.error(text + " is not a duration, such as 500ms, 10s, 2m or 1h");
        }
        double unit = switch (duration.group(2)) {
            case "ms" -> 1e6;
            case "s" -> 1e9;
            case "m" -> 60e9;
            default -> 3600e9;
        };
        return Duration.ofNanos((long) (Double.parseDouble(duration.group(1)) * unit));
    }

    static int integer(Statement statement, String text) throws ScenarioException {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw statement.error(text + " is not a whole number");
        }
    }
}
