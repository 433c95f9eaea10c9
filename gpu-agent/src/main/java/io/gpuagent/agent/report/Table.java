package io.gpuagent.agent.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A table of the report.
 *
 * @param rows the cells, as the values of the report's JSON: texts, numbers, or null if not applicable
 * @param total whether the last row is the sum of those above it
 */
record Table(String title, List<String> headings, List<List<JsonNode>> rows, boolean total) {

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
        JsonNode json = TextFormats.tree(report);
        List<Table> tables = new ArrayList<>(List.of(
                lines(report),
                new Table("GPUs", DEVICE, rows(json.path("gpus")), false),
                new Table("Nodes", DEVICE, rows(json.path("nodes")), false),
                coverage(json)));
        if (report.requested() != null) {
            List<String> headings = List.of("Namespace", "Requested GPU h", "Used GPU h");
            tables.add(new Table("Requested and used", headings, rows(json.path("requested")), false));
        }
        return tables.stream().map(Table::withoutEmptyColumns).toList();
    }

    /** The table of rows by group, with all columns, including empty ones. */
    static Table lines(Report report) {
        JsonNode json = TextFormats.tree(report);
        List<String> headings = new ArrayList<>(report.by());
        headings.addAll(List.of("GPU h", "GiB h", "Peak GiB", "Mean GiB", "SM h", "kWh", "Spread kWh"));
        headings.add(("Cost " + report.currency()).strip());
        List<List<JsonNode>> rows = new ArrayList<>();
        for (JsonNode line : json.path("lines")) {
            rows.add(line(
                    cells(line.path("group")), line.path("figures"), report.by().size()));
        }
        rows.add(line(
                List.of(new TextNode("Total")), json.path("total"), report.by().size()));
        return new Table("Usage", headings, rows, true);
    }

    private static List<JsonNode> line(List<JsonNode> group, JsonNode figures, int labels) {
        List<JsonNode> cells = new ArrayList<>(group);
        cells.addAll(Collections.nCopies(labels - group.size(), new TextNode("")));
        cells.addAll(cells(figures));
        return cells;
    }

    private static Table coverage(JsonNode json) {
        List<List<JsonNode>> rows = new ArrayList<>();
        for (JsonNode node : json.path("coverage")) {
            JsonNode gaps = node.path("gaps");
            rows.add(List.of(
                    node.path("node"),
                    node.path("percent"),
                    new IntNode(gaps.size()),
                    gap(gaps.path(0)),
                    gap(gaps.path(gaps.size() - 1))));
        }
        return new Table("Coverage", List.of("Node", "Data %", "Gaps", "First gap", "Last gap"), rows, false);
    }

    private static JsonNode gap(JsonNode gap) {
        return new TextNode(
                gap.isMissingNode()
                        ? ""
                        : gap.path("from").asText() + " – " + gap.path("to").asText());
    }

    private static List<List<JsonNode>> rows(JsonNode values) {
        return cells(values).stream().map(Table::cells).toList();
    }

    /** The values of an array's elements, or of an object's fields. */
    private static List<JsonNode> cells(JsonNode json) {
        List<JsonNode> cells = new ArrayList<>();
        json.forEach(cells::add);
        return cells;
    }

    private Table withoutEmptyColumns() {
        List<Integer> kept = IntStream.range(0, headings.size())
                .filter(i -> rows.isEmpty()
                        || rows.stream().anyMatch(row -> !text(row.get(i)).isEmpty()))
                .boxed()
                .toList();
        return new Table(
                title,
                kept.stream().map(headings::get).toList(),
                rows.stream().map(row -> kept.stream().map(row::get).toList()).toList(),
                total);
    }

    static String text(JsonNode cell) {
        return cell.asText("");
    }
}
