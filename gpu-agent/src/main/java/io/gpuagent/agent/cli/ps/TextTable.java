package io.gpuagent.agent.cli.ps;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Rows of text in aligned columns. A column without any text is left out. Every code point counts as one place wide. */
final class TextTable {

    /** A column's heading, and whether its texts are pushed to the right, as numbers are. */
    record Column(String heading, boolean right) {

        static Column left(String heading) {
            return new Column(heading, false);
        }

        static Column right(String heading) {
            return new Column(heading, true);
        }
    }

    private static final String GAP = "  ";

    private final List<Column> columns;
    private final List<List<String>> rows = new ArrayList<>();

    TextTable(Column... columns) {
        this.columns = List.of(columns);
    }

    void add(String... cells) {
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException(cells.length + " cells for " + columns.size() + " columns");
        }
        rows.add(List.of(cells));
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** The heading and all rows, one line each. */
    String render() {
        int[] shown = IntStream.range(0, columns.size())
                .filter(i -> rows.stream().anyMatch(row -> !row.get(i).isEmpty()))
                .toArray();
        List<String> headings = columns.stream().map(Column::heading).toList();
        StringBuilder out = new StringBuilder();
        line(out, headings, shown);
        rows.forEach(row -> line(out, row, shown));
        return out.toString();
    }

    private void line(StringBuilder out, List<String> cells, int[] shown) {
        StringBuilder line = new StringBuilder();
        for (int i : shown) {
            String blanks = " ".repeat(width(i) - length(cells.get(i)));
            line.append(line.isEmpty() && i == shown[0] ? "" : GAP)
                    .append(columns.get(i).right() ? blanks + cells.get(i) : cells.get(i) + blanks);
        }
        out.append(line.toString().stripTrailing()).append('\n');
    }

    private int width(int column) {
        int widest =
                rows.stream().mapToInt(row -> length(row.get(column))).max().orElse(0);
        return Math.max(widest, length(columns.get(column).heading()));
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
