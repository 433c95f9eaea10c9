package io.gpuagent.agent.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** Renders a report as a self-contained HTML page. */
final class HtmlFormat {

    private HtmlFormat() {}

    static String html(Report report) {
        ReportCharts charts = new ReportCharts(report);
        StringBuilder body = new StringBuilder();
        body.append("<h1>GPU use</h1>\n<p class=\"range\">")
                .append(Svg.escaped(report.from() + " – " + report.to() + " (" + report.timeZone() + ")"))
                .append("</p>\n")
                .append(figures(report))
                .append(report.notes().stream()
                        .map(note -> "<li>" + Svg.escaped(note) + "</li>")
                        .collect(Collectors.joining("", "<ul class=\"notes\">", "</ul>\n")))
                .append(section("Memory held over time", charts.memory()))
                .append(section("Top consumers by GPU-hours", charts.consumers()));
        if (report.requested() != null) {
            body.append(section(
                    "GPU-hours requested (grey) and used (blue) by namespace", charts.requested(report.requested())));
        }
        body.append(section("Memory used by node", charts.heat()));
        Table.of(report).forEach(table -> body.append(section(table.title(), table(table))));
        return resource("report.html")
                .replace("/*style*/", resource("report.css"))
                .replace("/*script*/", resource("report.js"))
                .replace("<!--body-->", body);
    }

    private static String figures(Report report) {
        Report.Figures total = report.total();
        String cost = total.cost() == null ? "" : figure("cost, " + report.currency(), total.cost());
        return "<dl>" + figure("GPU-hours, including idle", total.gpuHours())
                + figure("GiB-hours of GPU memory", total.gibHours())
                + figure("kWh", total.kwh())
                + cost
                + "</dl>\n";
    }

    private static String figure(String name, BigDecimal number) {
        return "<div><dd>" + number.toPlainString() + "</dd><dt>" + Svg.escaped(name) + "</dt></div>";
    }

    private static String section(String title, String content) {
        return "<section><h2>" + Svg.escaped(title) + "</h2>\n" + content + "</section>\n";
    }

    private static String table(Table table) {
        int last = table.rows().size() - (table.total() ? 1 : 0);
        String foot = table.total() ? "<tfoot>" + row(table.rows().get(last)) + "</tfoot>" : "";
        return table.headings().stream()
                        .map(heading -> "<th scope=\"col\">" + Svg.escaped(heading) + "</th>")
                        .collect(Collectors.joining("", "<table><thead><tr>", "</tr></thead>\n<tbody>\n"))
                + table.rows().subList(0, last).stream().map(HtmlFormat::row).collect(Collectors.joining())
                + "</tbody>" + foot + "</table>\n";
    }

    private static String row(List<JsonNode> cells) {
        return cells.stream()
                .map(cell -> (cell.isTextual() ? "<td>" : "<td class=\"n\">") + Svg.escaped(Table.text(cell)) + "</td>")
                .collect(Collectors.joining("", "<tr>", "</tr>\n"));
    }

    private static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(HtmlFormat.class.getResourceAsStream(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
