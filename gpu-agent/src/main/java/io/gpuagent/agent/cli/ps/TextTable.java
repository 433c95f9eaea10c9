package io.gpuagent.agent.cli.ps;

import io.gpuagent.agent.cli.TerminalText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Rows of text in aligned columns. A column without any text is left out. Every character counts as one place wide. */
final class TextTable {

    private final String[] headings;
    private final List<String[]> rows = new ArrayList<>();

    /** A table with these columns, separated by bars; {@code >} in front of a heading pushes the column's texts to the right, as is due to numbers. */
    TextTable(String headings) {
        this.headings = headings.split("\\|");
    }

    /** Adds a row, a cell for every column. Texts are escaped, so that they cannot act on a terminal. */
    void add(Object... cells) {
        rows.add(Stream.of(cells)
                .map(cell -> TerminalText.escape(cell.toString()))
                .toArray(String[]::new));
    }

    /** The heading and all rows, one line each; empty without a row. */
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

    /** The heading and the cells of a column, padded to one width. */
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
