package io.gpuagent.agent.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Escapes untrusted text for a terminal and for a single line. The name of a process or a container may contain escape sequences or
 * bidirectional control characters, which could rewrite the screen.
 */
public final class TerminalText {

    private static final Pattern UNSAFE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");

    private TerminalText() {}

    /** The text with control, format and separator characters escaped, such as {@code \n}, {@code \x1b} and {@code \u202e}. */
    public static String escape(String text) {
        return UNSAFE.matcher(text)
                .replaceAll(
                        unsafe -> Matcher.quoteReplacement(escape(unsafe.group().codePointAt(0))));
    }

    private static String escape(int point) {
        return switch (point) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> {
                String form = point > 0xffff ? "\\U%08x" : point > 0xff ? "\\u%04x" : "\\x%02x";
                yield String.format(Locale.ROOT, form, point);
            }
        };
    }
}
