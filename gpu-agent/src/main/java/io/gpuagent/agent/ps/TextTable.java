package io.gpuagent.agent.ps;

import io.gpuagent.agent.cli.TerminalText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Rows of text in aligned columns. A column without text is omitted. Every character is assumed to be one column wide.
 */
final class TextTable {

    private final String[] headings;
    private final List<String[]> rows = new ArrayList<>();

    /** @param headings column headings, separated by {@code |}; a leading {@code >} aligns the column to the right, for numbers */
    TextTable(String headings) {
        this.headings = headings.split("\\|");
    }

    /** Adds a row with one cell per column. Texts are escaped for a terminal. */
    void add(Object... cells) {
        rows.add(Stream.of(cells)
                .map(cell -> TerminalText.escape(cell.toString()))
                .toArray(String[]::new));
    }

    /** The headings and all rows, one line each; empty if there are no rows. */
    String render() {
        if (rows.isEmpty()) {
            return "";
        }
        List<List<String>> columns = IntStream.range(0, headings.length)
                .filter(i -> rows.stream().anyMatch(row -> !row[i].isEmpty()))
                .mapToObj(this::column)
                .toList();
        return IntStream.rangeClosed(0, rows.size())
                .mapToObj(
                        line -> columns.stream().map(column -> column.get(line)).collect(Collectors.joining("  ")))
                .map(line -> line.stripTrailing() + "\n")
                .collect(Collectors.joining());
    }

    /** The heading and the cells of a column, padded to the same width. */
    private List<String> column(int i) {
        boolean right = headings[i].startsWith(">");
        List<String> cells = new ArrayList<>(List.of(right ? headings[i].substring(1) : headings[i]));
        rows.forEach(row -> cells.add(row[i]));
        int width = cells.stream().mapToInt(String::length).max().orElse(0);
        String form = (right ? "%" : "%-") + width + "s";
        cells.replaceAll(cell -> String.format(Locale.ROOT, form, cell));
        return cells;
    }
}
