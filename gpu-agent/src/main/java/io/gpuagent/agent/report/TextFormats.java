package io.gpuagent.agent.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gpuagent.agent.cli.Csv;
import io.gpuagent.agent.cli.TerminalText;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Renders a report as JSON, CSV and Markdown. */
final class TextFormats {

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    /** Also quotes semicolons, for spreadsheets that use them as separators. */
    private static final Csv CSV = new Csv(",;");

    private TextFormats() {}

    static JsonNode tree(Report report) {
        return JSON.valueToTree(report);
    }

    static String json(Report report) {
        return tree(report).toPrettyString() + "\n";
    }

    /** The rows and their total. */
    static String csv(Report report) {
        Table lines = Table.lines(report);
        String headings = Csv.row(lines.headings().stream()
                .map(heading -> CSV.value(heading.toLowerCase(Locale.ROOT).replace(' ', '_'))));
        return lines.rows().stream()
                .map(row -> Csv.row(row.stream().map(TextFormats::cell)))
                .collect(Collectors.joining("", headings, ""));
    }

    private static String cell(JsonNode cell) {
        return cell.isTextual() ? CSV.text(Table.text(cell)) : CSV.value(Table.text(cell));
    }

    static String markdown(Report report) {
        String notes =
                report.notes().stream().map(note -> "- " + escaped(note) + "\n").collect(Collectors.joining());
        return "# GPU use from " + report.from() + " to " + report.to() + "\n\n"
                + notes
                + Table.of(report).stream().map(TextFormats::table).collect(Collectors.joining());
    }

    private static String table(Table table) {
        Stream<String> rule = table.headings().stream().map(heading -> "---");
        List<String> rows = table.rows().stream()
                .map(row -> row(row.stream().map(cell -> escaped(Table.text(cell)))))
                .toList();
        return "\n## " + table.title() + "\n\n"
                + row(table.headings().stream().map(TextFormats::escaped))
                + row(rule)
                + String.join("", rows);
    }

    private static String row(Stream<String> cells) {
        return cells.collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    /** Escapes Markdown, so that a name cannot leave its cell or become a link, an image or HTML. */
    private static String escaped(String text) {
        return TerminalText.escape(text).replaceAll("[\\\\`*_{}\\[\\]<>|#~&!]|:(?=//)|(?<=www)\\.", "\\\\$0");
    }
}
