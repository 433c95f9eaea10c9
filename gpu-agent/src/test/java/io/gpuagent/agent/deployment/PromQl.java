package io.gpuagent.agent.deployment;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Extracts names from PromQL expressions, without a complete parser. */
final class PromQl {

    /** Parts of an expression that look like metric names but are none. */
    private static final Pattern OTHER = Pattern.compile(
            "#.*|\"[^\"]*\"|\\[[^]]*]|\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\([^)]*\\)|\\{[^}]*}");

    private static final Pattern NAME = Pattern.compile("(?<![\\w:.])([a-zA-Z_][\\w:]*)(?!\\s*\\()(?![\\w:])");

    private static final Set<String> WORDS = Set.of(
            "and",
            "or",
            "unless",
            "offset",
            "bool",
            "by",
            "without",
            "on",
            "ignoring",
            "group_left",
            "group_right",
            "d",
            "h",
            "m",
            "s");

    private PromQl() {}

    /** The names of the metrics in an expression. */
    static Set<String> metrics(String expression) {
        Set<String> names = new TreeSet<>();
        Matcher name = NAME.matcher(OTHER.matcher(expression).replaceAll(" "));
        while (name.find()) {
            if (!WORDS.contains(name.group(1))) {
                names.add(name.group(1));
            }
        }
        return names;
    }
}
