package io.gpuagent.testing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses a metrics page in Prometheus' text format or OpenMetrics as strictly as both formats allow: only a line feed
 * ends a line, and a value has no escapes other than the three that both formats define.
 */
public final class Exposition {

    private static final String NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
    private static final String LABEL = "(" + NAME + ")=\"([^\"\\\\\n]*+(?:\\\\[n\"\\\\][^\"\\\\\n]*+)*+)\"";
    private static final Pattern LINE =
            Pattern.compile("(" + NAME + ")(?:\\{((?:" + LABEL + ",?)*+)\\})? ([-+.0-9EIfNan]+)");
    private static final Pattern COMMENT =
            Pattern.compile("# (?:(?:HELP|TYPE|UNIT) " + NAME + " .*|EOF)", Pattern.DOTALL);
    private static final Pattern PAIR = Pattern.compile(LABEL);

    private Exposition() {}

    /** A series and its value. */
    public record Series(String name, Map<String, String> labels, double value) {

        public String label(String key) {
            return labels.getOrDefault(key, "");
        }
    }

    /** Fails at an invalid line and at a line with a duplicate label. */
    public static List<Series> parse(String page) {
        List<Series> lines = new ArrayList<>();
        if (!page.endsWith("\n")) {
            throw new AssertionError("the last line has no line feed");
        }
        for (String text : page.substring(0, page.length() - 1).split("\n", -1)) {
            if (!COMMENT.matcher(text).matches()) {
                lines.add(line(text));
            }
        }
        return lines;
    }

    /** The series of a family that have at least these labels. */
    public static List<Series> find(List<Series> lines, String family, Map<String, String> labels) {
        return lines.stream()
                .filter(line ->
                        line.name().equals(family) && line.labels().entrySet().containsAll(labels.entrySet()))
                .toList();
    }

    public static double sum(List<Series> lines, String family, Map<String, String> labels) {
        return find(lines, family, labels).stream().mapToDouble(Series::value).sum();
    }

    private static Series line(String text) {
        Matcher line = LINE.matcher(text);
        if (!line.matches()) {
            throw new AssertionError("invalid line: " + text);
        }
        Map<String, String> labels = new LinkedHashMap<>();
        Matcher pair = PAIR.matcher(line.group(2) == null ? "" : line.group(2));
        while (pair.find()) {
            if (labels.put(pair.group(1), plain(pair.group(2))) != null) {
                throw new AssertionError("duplicate label " + pair.group(1) + ": " + text);
            }
        }
        return new Series(
                line.group(1), labels, Double.parseDouble(line.group(5).replace("Inf", "Infinity")));
    }

    private static String plain(String escaped) {
        return Pattern.compile("\\\\(.)")
                .matcher(escaped)
                .replaceAll(escape -> Matcher.quoteReplacement(escape.group(1).equals("n") ? "\n" : escape.group(1)));
    }
}
