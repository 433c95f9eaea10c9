package io.gpuagent.agent.report;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A table of the report, for formats that show tables.
 *
 * @param rows cells are texts, numbers, or null for what there is not
 * @param total whether the last row is the sum of those above it
 */
record Table(String title, List<String> headings, List<List<@Nullable Object>> rows, boolean total) {

    private static final List<String> DEVICE = List.of(
            "Node",
            "GPU",
            "UUID",
            "Model",
            "Observed h",
            "Occupied h",
            "Idle h",
            "Used GiB h",
            "Attributed GiB h",
            "Unattributed GiB h",
            "Capacity GiB h",
            "kWh",
            "Unattributed kWh");

    static List<Table> of(Report report) {
        List<Table> tables = new ArrayList<>(List.of(
                lines(report), devices("GPUs", report.gpus()), devices("Nodes", report.nodes()), coverage(report)));
        if (report.requested() != null) {
            tables.add(new Table(
                    "Requested and used",
                    List.of("Namespace", "Requested GPU h", "Used GPU h"),
                    rows(report.requested(), line -> row(line.namespace(), line.requestedHours(), line.usedHours())),
                    false));
        }
        return tables.stream().map(Table::withoutEmptyColumns).toList();
    }

    /** The table of lines, each column there is, whether anything is in it or not. */
    static Table lines(Report report) {
        List<String> headings = Stream.concat(
                        report.by().stream(),
                        Stream.of("GPU h", "GiB h", "Peak GiB", "Mean GiB", "SM h", "kWh", "Spread kWh", cost(report)))
                .toList();
        List<List<@Nullable Object>> rows =
                new ArrayList<>(rows(report.lines(), line -> line(report, line.group(), line.figures())));
        rows.add(line(report, List.of("Total"), report.total()));
        return new Table("Who used what", headings, rows, true);
    }

    private static String cost(Report report) {
        return "Cost" + (report.currency().isEmpty() ? "" : " " + report.currency());
    }

    private static List<@Nullable Object> line(Report report, List<String> group, Report.Figures of) {
        List<@Nullable Object> cells = new ArrayList<>(group);
        cells.addAll(Collections.nCopies(report.by().size() - group.size(), ""));
        cells.addAll(row(
                of.gpuHours(),
                of.gibHours(),
                of.peakGib(),
                of.meanGib(),
                of.smHours(),
                of.kwh(),
                of.spreadKwh(),
                of.cost()));
        return cells;
    }

    private static Table devices(String title, List<Report.Device> devices) {
        return new Table(
                title,
                DEVICE,
                rows(
                        devices,
                        of -> row(
                                of.node(),
                                of.gpu(),
                                of.uuid(),
                                of.model(),
                                of.observedHours(),
                                of.occupiedHours(),
                                of.idleHours(),
                                of.usedGibHours(),
                                of.attributedGibHours(),
                                of.unattributedGibHours(),
                                of.totalGibHours(),
                                of.kwh(),
                                of.unattributedKwh())),
                false);
    }

    private static Table coverage(Report report) {
        return new Table(
                "Coverage",
                List.of("Node", "Data %", "Gaps", "First gap", "Last gap"),
                rows(
                        report.coverage(),
                        of -> row(
                                of.node(),
                                of.percent(),
                                Integer.toString(of.gaps().size()),
                                gap(of.gaps(), 0),
                                gap(of.gaps(), of.gaps().size() - 1))),
                false);
    }

    private static String gap(List<Report.Gap> gaps, int i) {
        return gaps.isEmpty() ? "" : gaps.get(i).from() + " – " + gaps.get(i).to();
    }

    private static <T> List<List<@Nullable Object>> rows(List<T> values, Function<T, List<@Nullable Object>> row) {
        return values.stream().map(row).toList();
    }

    private static List<@Nullable Object> row(@Nullable Object... cells) {
        return Arrays.asList(cells);
    }

    private Table withoutEmptyColumns() {
        List<Integer> kept = Stream.iterate(0, i -> i < headings.size(), i -> i + 1)
                .filter(i -> rows.isEmpty()
                        || rows.stream().anyMatch(row -> !text(row.get(i)).isEmpty()))
                .toList();
        return new Table(
                title,
                kept.stream().map(headings::get).toList(),
                rows(rows, row -> row(kept.stream().map(row::get).toArray())),
                total);
    }

    static String text(@Nullable Object cell) {
        return cell instanceof BigDecimal number ? number.toPlainString() : Objects.toString(cell, "");
    }
}
