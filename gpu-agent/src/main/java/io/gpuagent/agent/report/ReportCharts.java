package io.gpuagent.agent.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The charts of the page. They are drawn here, not by a script, so that they print and need nothing else. */
final class ReportCharts {

    private static final int WIDTH = 1000;
    private static final int LEFT = 60;

    /** Where the heat map begins, for the names of nodes. */
    private static final int NODES = 190;

    private static final int HEIGHT = 260;
    private static final int NAME = 320;
    private static final int ROW = 22;
    private static final int MOST_BARS = 15;

    /** So many nodes can be told apart; the busiest are shown. */
    private static final int MOST_NODES = 100;

    private static final double GIB = 1L << 30;

    /** Okabe and Ito's colours, which the colour-blind can tell apart, and shades of them. */
    private static final List<String> COLOURS = List.of(
            "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a900", "#5b4b8a", "#7fc8a9",
            "#a65628", "#b0b0b0");

    private final Report report;
    private final Slice range;
    private final DateTimeFormatter times;

    ReportCharts(Report report) {
        this.report = report;
        range = report.charts().range();
        boolean days = range.intervals() * Slice.INTERVAL > 3 * 86_400_000L;
        times = DateTimeFormatter.ofPattern(days ? "d MMM" : "d MMM HH:mm", Locale.ROOT)
                .withZone(ZoneId.of(report.timeZone()));
    }

    /** Memory held, workload upon workload. */
    String memory() {
        List<Report.Band> bands = report.charts().memory();
        int columns = range.columns();
        double most = IntStream.range(0, columns)
                .mapToDouble(i ->
                        bands.stream().mapToDouble(band -> band.values()[i]).sum())
                .max()
                .orElse(0);
        double top = round(Math.max(most / GIB, 1));
        Svg svg = new Svg(WIDTH, HEIGHT + 30, "Memory over time");
        for (int i = 0; i <= 4; i++) {
            double y = HEIGHT - i * (HEIGHT - 20) / 4.0;
            svg.line(LEFT, y, WIDTH, y)
                    .text(
                            LEFT - 6,
                            y + 4,
                            "end",
                            new DecimalFormat("#.##", DecimalFormatSymbols.getInstance(Locale.ROOT))
                                    .format(top * i / 4));
        }
        svg.text(LEFT - 6, 10, "end", "GiB");
        double[] x = IntStream.range(0, 2 * columns)
                .mapToDouble(i -> LEFT + part((i + 1) / 2) * (WIDTH - LEFT))
                .toArray();
        double[] low = new double[x.length];
        Arrays.fill(low, HEIGHT);
        for (int k = 0; k < bands.size(); k++) {
            double[] high = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                high[i] = low[i] - bands.get(k).values()[i / 2] / GIB / top * (HEIGHT - 20);
            }
            svg.area(x, low, high, "fill:" + colour(k), bands.get(k).name());
            low = high;
        }
        axis(svg, LEFT, HEIGHT + 18);
        return svg.end() + legend(bands);
    }

    /** The part of the range that has passed when a column begins. */
    private double part(int column) {
        return (double) (range.columnBegin(column) - range.from()) / (range.to() - range.from());
    }

    private void axis(Svg svg, int left, double y) {
        for (int i = 0; i <= 6; i++) {
            Instant time = Instant.ofEpochMilli(range.from() + (range.to() - range.from()) * i / 6);
            String anchor = i == 0 ? "start" : i == 6 ? "end" : "middle";
            svg.text(left + (WIDTH - left) * i / 6.0, y, anchor, times.format(time));
        }
    }

    private static String legend(List<Report.Band> bands) {
        StringBuilder out = new StringBuilder("<ul class=\"legend\">");
        for (int k = 0; k < bands.size(); k++) {
            out.append("<li><i style=\"background:%s\"></i>%s</li>"
                    .formatted(colour(k), Svg.escaped(bands.get(k).name())));
        }
        return out.append("</ul>\n").toString();
    }

    private static String colour(int k) {
        return COLOURS.get(k % COLOURS.size());
    }

    /** 1, 2 or 5 times a power of ten. */
    private static double round(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        return power * (value <= power ? 1 : value <= 2 * power ? 2 : value <= 5 * power ? 5 : 10);
    }

    /** Lines with the most GPU-hours. */
    String consumers() {
        List<Report.Line> lines = report.lines().stream()
                .filter(of -> !of.group().get(0).matches("\\((idle|unattributed)\\)"))
                .limit(MOST_BARS)
                .toList();
        double most = lines.stream()
                .mapToDouble(of -> of.figures().gpuHours().doubleValue())
                .max()
                .orElse(0);
        Svg svg = new Svg(WIDTH, ROW * lines.size() + 4, "Top consumers");
        for (int i = 0; i < lines.size(); i++) {
            String name = String.join(" / ", lines.get(i).group());
            bar(svg, i, 0.2, ROW * 0.7, name, lines.get(i).figures().gpuHours(), most, "#0072b2");
            svg.text(NAME - 8, ROW * i + 15, "end", shortened(name, 44));
        }
        return svg.end();
    }

    private static void bar(
            Svg svg, int row, double down, double height, String name, BigDecimal hours, double most, String colour) {
        double width = most == 0 ? 0 : hours.doubleValue() / most * (WIDTH - NAME - 100);
        double y = ROW * (row + down);
        svg.box(NAME, y, width, height, "fill:" + colour, name + ": " + hours + " GPU h")
                .text(NAME + width + 6, y + height / 2 + 4, "start", hours.setScale(1, RoundingMode.HALF_EVEN) + " h");
    }

    private static String shortened(String name, int most) {
        int end = name.length() - most / 2;
        return name.length() <= most ? name : name.substring(0, most / 2 - 1) + "…" + name.substring(end);
    }

    /** What pods of each namespace asked for, above what they are charged with. */
    String requested(List<Report.Requested> namespaces) {
        double most = namespaces.stream()
                .mapToDouble(of -> of.requestedHours().max(of.usedHours()).doubleValue())
                .max()
                .orElse(0);
        Svg svg = new Svg(WIDTH, 2 * ROW * namespaces.size() + 4, "Requested and used");
        for (int i = 0; i < namespaces.size(); i++) {
            Report.Requested of = namespaces.get(i);
            svg.text(NAME - 8, ROW * (2 * i + 1) + 4, "end", shortened(of.namespace(), 44));
            bar(svg, 2 * i, 0.2, ROW * 0.7, of.namespace() + " requested", of.requestedHours(), most, "#b0b0b0");
            bar(svg, 2 * i + 1, 0, ROW * 0.7, of.namespace() + " used", of.usedHours(), most, "#0072b2");
        }
        return svg.end();
    }

    /** The part of its memory that each node used; white where nothing is known. */
    String heat() {
        List<Report.Band> nodes = report.charts().heat().stream()
                .sorted((a, b) -> Double.compare(known(b), known(a)))
                .limit(MOST_NODES)
                .toList();
        int columns = range.columns();
        Svg svg = new Svg(WIDTH, 18 * nodes.size() + 24, "Memory used by node");
        for (int row = 0; row < nodes.size(); row++) {
            Report.Band node = nodes.get(row);
            svg.text(NODES - 8, 18 * row + 13, "end", shortened(node.name(), 28));
            for (int i = 0; i < columns; i++) {
                double used = node.values()[i];
                if (!Double.isNaN(used)) {
                    double width = (part(i + 1) - part(i)) * (WIDTH - NODES);
                    String style = String.format(
                            Locale.ROOT,
                            "fill:#0072b2;fill-opacity:%.2f",
                            0.06 + 0.94 * Math.min(1, Math.max(0, used)));
                    svg.box(
                            NODES + part(i) * (WIDTH - NODES),
                            18 * row,
                            width,
                            17,
                            style,
                            String.format(Locale.ROOT, "%s: %.0f %%", node.name(), 100 * used));
                }
            }
        }
        axis(svg, NODES, 18 * nodes.size() + 14);
        return svg.end();
    }

    private static double known(Report.Band node) {
        return Arrays.stream(node.values())
                .filter(value -> !Double.isNaN(value))
                .average()
                .orElse(0);
    }
}
