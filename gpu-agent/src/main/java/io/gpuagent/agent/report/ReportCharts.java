package io.gpuagent.agent.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The charts of the page, as SVG. They are not drawn by a script, so that they also print and need no library. */
final class ReportCharts {

    private static final int WIDTH = 1000;
    private static final int LEFT = 60;

    /** The left edge of the heat map; node names are left of it. */
    private static final int NODES = 190;

    private static final int HEIGHT = 260;
    private static final int NAME = 320;
    private static final int ROW = 22;
    private static final int NODE_ROW = 18;
    private static final int MOST_BARS = 15;
    private static final int MOST_TICKS = 8;

    /** The maximum number of nodes in the heat map; the busiest are shown. */
    private static final int MOST_NODES = 100;

    private static final double GIB = 1L << 30;
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMM", Locale.ROOT);
    private static final DateTimeFormatter HOUR = DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT);

    /** Possible distances between ticks of the time axis, in minutes: from 5 minutes to 5 years. */
    private static final List<Integer> STEPS =
            List.of(5, 15, 60, 180, 360, 720, 1440, 2880, 10_080, 20_160, 40_320, 131_040, 525_600, 2_628_000);

    private static final String BLUE = "#0072b2";
    private static final String GREY = "#b0b0b0";

    /** The colors of Okabe and Ito, which are distinguishable with color blindness, and shades of them. */
    private static final List<String> COLOURS = List.of(
            BLUE, "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a900", "#5b4b8a", "#7fc8a9", "#a65628",
            GREY);

    private record Bar(String name, BigDecimal hours, String colour) {}

    private final Report report;
    private final Slice range;

    ReportCharts(Report report) {
        this.report = report;
        range = report.charts().range();
    }

    /** Memory held over time, stacked by row. */
    String memory() {
        List<Report.Band> bands = report.charts().memory();
        double most = IntStream.range(0, range.columns())
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
                            BigDecimal.valueOf(top * i / 4).stripTrailingZeros().toPlainString());
        }
        svg.text(LEFT - 6, 10, "end", "GiB");
        stack(svg, bands, (HEIGHT - 20) / top / GIB);
        axis(svg, LEFT, HEIGHT + 18);
        return svg.end() + legend(bands);
    }

    private void stack(Svg svg, List<Report.Band> bands, double scale) {
        double[] x = IntStream.range(0, 2 * range.columns())
                .mapToDouble(i -> x(LEFT, range.columnBegin((i + 1) / 2)))
                .toArray();
        double[] low = new double[x.length];
        Arrays.fill(low, HEIGHT);
        for (int k = 0; k < bands.size(); k++) {
            double[] high = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                high[i] = low[i] - bands.get(k).values()[i / 2] * scale;
            }
            svg.area(x, low, high, "fill:" + COLOURS.get(k), bands.get(k).name());
            low = high;
        }
    }

    private double x(int left, long millis) {
        return left + (double) (millis - range.from()) / (range.to() - range.from()) * (WIDTH - left);
    }

    private void axis(Svg svg, int left, double y) {
        ZoneId zone = ZoneId.of(report.timeZone());
        for (LocalDateTime time : ticks(range, zone)) {
            double x = x(left, time.atZone(zone).toInstant().toEpochMilli());
            String anchor = x > WIDTH - 20 ? "end" : "middle";
            svg.text(x, y, anchor, (time.toLocalTime().equals(LocalTime.MIDNIGHT) ? DAY : HOUR).format(time));
        }
    }

    /** The ticks of the time axis: round local times, at most {@link #MOST_TICKS}. */
    static List<LocalDateTime> ticks(Slice range, ZoneId zone) {
        LocalDateTime from = LocalDateTime.ofInstant(Instant.ofEpochMilli(range.from()), zone);
        LocalDateTime to = LocalDateTime.ofInstant(Instant.ofEpochMilli(range.to()), zone);
        return STEPS.stream()
                .map(step -> Stream.iterate(
                                from.toLocalDate().atStartOfDay(), at -> !at.isAfter(to), at -> at.plusMinutes(step))
                        .filter(at -> !at.isBefore(from))
                        .limit(MOST_TICKS + 1)
                        .toList())
                .filter(ticks -> ticks.size() <= MOST_TICKS)
                .findFirst()
                .orElse(List.of());
    }

    private static String legend(List<Report.Band> bands) {
        StringBuilder out = new StringBuilder("<ul class=\"legend\">");
        for (int k = 0; k < bands.size(); k++) {
            out.append("<li><i style=\"background:%s\"></i>%s</li>"
                    .formatted(COLOURS.get(k), Svg.escaped(bands.get(k).name())));
        }
        return out.append("</ul>\n").toString();
    }

    /** The value rounded up to 1, 2 or 5 times a power of ten. */
    private static double round(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        return power * (value <= power ? 1 : value <= 2 * power ? 2 : value <= 5 * power ? 5 : 10);
    }

    /** The rows with the most GPU-hours, without the last two, {@code (idle)} and {@code (unattributed)}. */
    String consumers() {
        return bars(
                "Top consumers",
                report.lines().subList(0, report.lines().size() - 2).stream()
                        .limit(MOST_BARS)
                        .map(line -> new Bar(
                                String.join(" / ", line.group()), line.figures().gpuHours(), BLUE))
                        .toList());
    }

    /** The GPU-hours that pods of each namespace requested, above those charged to them. */
    String requested(List<Report.Requested> namespaces) {
        return bars(
                "Requested and used",
                namespaces.stream()
                        .flatMap(of -> Stream.of(
                                new Bar(of.namespace() + " requested", of.requestedHours(), GREY),
                                new Bar(of.namespace() + " used", of.usedHours(), BLUE)))
                        .toList());
    }

    private static String bars(String title, List<Bar> bars) {
        double most = bars.stream()
                .mapToDouble(bar -> bar.hours.doubleValue())
                .filter(hours -> hours > 0)
                .max()
                .orElse(1);
        Svg svg = new Svg(WIDTH, ROW * bars.size() + 4, title);
        for (int i = 0; i < bars.size(); i++) {
            Bar bar = bars.get(i);
            double width = bar.hours.doubleValue() / most * (WIDTH - NAME - 100);
            double text = ROW * i + 15;
            svg.text(NAME - 8, text, "end", shortened(bar.name, 44))
                    .box(NAME, ROW * i + 3, width, 16, "fill:" + bar.colour, bar.name + ": " + bar.hours + " GPU h")
                    .text(NAME + width + 6, text, "start", bar.hours.setScale(1, RoundingMode.HALF_EVEN) + " h");
        }
        return svg.end();
    }

    private static String shortened(String name, int most) {
        int end = name.length() - most / 2;
        return name.length() <= most ? name : name.substring(0, most / 2 - 1) + "…" + name.substring(end);
    }

    /** The fraction of its memory that each node used; white if unknown. */
    String heat() {
        List<Report.Band> nodes = report.charts().heat().stream()
                .sorted((a, b) -> Double.compare(known(b), known(a)))
                .limit(MOST_NODES)
                .toList();
        Svg svg = new Svg(WIDTH, NODE_ROW * nodes.size() + 24, "Memory used by node");
        for (int row = 0; row < nodes.size(); row++) {
            String name = nodes.get(row).name();
            svg.text(NODES - 8, NODE_ROW * row + 13, "end", shortened(name, 28));
            for (int i = 0; i < range.columns(); i++) {
                double used = nodes.get(row).values()[i];
                double x = x(NODES, range.columnBegin(i));
                double width = x(NODES, range.columnBegin(i + 1)) - x;
                if (!Double.isNaN(used)) {
                    String style = String.format(
                            Locale.ROOT, "fill:%s;fill-opacity:%.2f", BLUE, 0.06 + 0.94 * Math.min(1, used));
                    svg.box(x, NODE_ROW * row, width, NODE_ROW - 1, style, name + ": " + Math.round(100 * used) + " %");
                }
            }
        }
        axis(svg, NODES, NODE_ROW * nodes.size() + 14);
        return svg.end();
    }

    private static double known(Report.Band node) {
        return Arrays.stream(node.values())
                .filter(value -> !Double.isNaN(value))
                .average()
                .orElse(0);
    }
}
