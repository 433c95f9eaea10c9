package io.gpuagent.agent.cli;

import java.util.Locale;

/**
 * Text from elsewhere, made fit for a terminal and for one line. A process or a container may be named with escape sequences or with
 * marks that turn the direction of writing; shown as they are, they could rewrite the screen.
 */
public final class TerminalText {

    private TerminalText() {}

    /** The text with every character escaped that is not shown as itself, such as {@code \n}, {@code \x1b} and {@code \u202e}. */
    public static String escape(String text) {
        if (text.codePoints().noneMatch(TerminalText::unsafe)) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(point -> append(out, point));
        return out.toString();
    }

    private static void append(StringBuilder out, int point) {
        if (!unsafe(point)) {
            out.appendCodePoint(point);
            return;
        }
        out.append(
                switch (point) {
                    case '\n' -> "\\n";
                    case '\r' -> "\\r";
                    case '\t' -> "\\t";
                    default -> String.format(Locale.ROOT, form(point), point);
                });
    }

    private static String form(int point) {
        if (point > 0xffff) {
            return "\\U%08x";
        }
        return point > 0xff ? "\\u%04x" : "\\x%02x";
    }

    private static boolean unsafe(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
