package io.gpuagent.agent.cli;

import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A CSV format. Cells are quoted by RFC 4180; rows end with a line feed, as shell tools expect.
 *
 * @param separators the characters that require quoting: the comma, and others that some spreadsheets treat as separators
 */
public record Csv(String separators) {

    /** Joins cells that {@link #text} and {@link #value} returned to a row. */
    public static String row(Stream<String> cells) {
        return cells.collect(Collectors.joining(",", "", "\n"));
    }

    /**
     * Formats a text as a cell. Control characters are escaped, so that a row is one line. A text that a spreadsheet would evaluate as a
     * formula (it begins with {@code = + - @}) is prefixed with an apostrophe.
     */
    public String text(String text) {
        String line = TerminalText.escape(text);
        return value(!line.isEmpty() && "=+-@".indexOf(line.charAt(0)) >= 0 ? "'" + line : line);
    }

    /** Formats a number or a time as a cell; null becomes an empty cell. */
    public String value(@Nullable Object value) {
        String text = Objects.toString(value, "");
        boolean plain = text.chars().allMatch(character -> character != '"' && separators.indexOf(character) < 0);
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
