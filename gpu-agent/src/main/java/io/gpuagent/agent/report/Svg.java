package io.gpuagent.agent.report;

import java.util.Locale;

/** A builder of an SVG image. Texts are escaped; numbers have two decimal places. */
final class Svg {

    private final StringBuilder out = new StringBuilder();

    Svg(int width, int height, String title) {
        add(
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\" xmlns=\"http://www.w3.org/2000/svg\">\n",
                width, height, escaped(title));
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    private Svg add(String form, Object... values) {
        out.append(String.format(Locale.ROOT, form, values));
        return this;
    }

    /** @param anchor the position of the point in the text: {@code start}, {@code middle} or {@code end} */
    Svg text(double x, double y, String anchor, String text) {
        return add("<text x=\"%.2f\" y=\"%.2f\" text-anchor=\"%s\">%s</text>\n", x, y, anchor, escaped(text));
    }

    /** A rectangle with a tooltip. */
    Svg box(double x, double y, double width, double height, String style, String tip) {
        return add(
                "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" style=\"%s\"><title>%s</title></rect>\n",
                x, y, width, height, style, escaped(tip));
    }

    Svg line(double x1, double y1, double x2, double y2) {
        return add("<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" class=\"grid\"/>\n", x1, y1, x2, y2);
    }

    Svg area(double[] x, double[] low, double[] high, String style, String tip) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < x.length; i++) {
            points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x[i], high[i]));
        }
        for (int i = x.length - 1; i >= 0; i--) {
            points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x[i], low[i]));
        }
        return add("<polygon points=\"%s\" style=\"%s\"><title>%s</title></polygon>\n", points, style, escaped(tip));
    }

    String end() {
        return out + "</svg>\n";
    }
}
