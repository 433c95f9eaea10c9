package io.gpuagent.agent.documents;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The links and anchors of a Markdown text, by GitHub's rules.
 *
 * @param links the targets as written, code excluded
 * @param anchors what a link can name after {@code #}
 */
record Markdown(List<String> links, List<String> anchors) {

    private static final Pattern FENCE = Pattern.compile("^ {0,3}(`{3,}|~{3,}).*");
    private static final Pattern HEADING = Pattern.compile("^ {0,3}#{1,6}\\s+(.*?)\\s*#*\\s*$");

    /** Matches {@code [text](target)}, including images. */
    private static final Pattern INLINE = Pattern.compile("\\]\\(\\s*<?([^)\\s>]+)>?(?:\\s+\"[^\"]*\")?\\s*\\)");

    /** Matches {@code [text]: target}. */
    private static final Pattern REFERENCE = Pattern.compile("^ {0,3}\\[[^\\]]+\\]:\\s+<?(\\S+?)>?\\s*$");

    private static final Pattern ATTRIBUTE = Pattern.compile("\\b(?:href|src|srcset)=\"([^\"]+)\"");
    private static final Pattern ID = Pattern.compile("\\b(?:id|name)=\"([^\"]+)\"");

    static Markdown of(String text) {
        List<String> links = new ArrayList<>();
        List<String> anchors = new ArrayList<>();
        Map<String, Integer> headings = new HashMap<>();
        for (String line : prose(text)) {
            Matcher heading = HEADING.matcher(line);
            if (heading.matches()) {
                String anchor = anchor(heading.group(1));
                int before = headings.merge(anchor, 1, Integer::sum) - 1;
                anchors.add(before == 0 ? anchor : anchor + "-" + before);
            }
            String withoutCode = line.replaceAll("`[^`]*`", "");
            for (Pattern pattern : List.of(INLINE, REFERENCE, ATTRIBUTE)) {
                found(pattern, withoutCode).forEach(links::add);
            }
            found(ID, withoutCode).forEach(anchors::add);
        }
        return new Markdown(List.copyOf(links), List.copyOf(anchors));
    }

    private static Stream<String> found(Pattern pattern, String line) {
        return pattern.matcher(line).results().map(result -> result.group(1));
    }

    /** The lines outside code blocks. */
    private static List<String> prose(String text) {
        List<String> prose = new ArrayList<>();
        String fence = "";
        for (String line : text.lines().toList()) {
            Matcher mark = FENCE.matcher(line);
            if (!fence.isEmpty()) {
                fence = line.strip().equals(fence) ? "" : fence;
            } else if (mark.matches()) {
                fence = mark.group(1);
            } else if (!line.startsWith("    ")) {
                prose.add(line);
            }
        }
        return prose;
    }

    /** The heading in lower case, without markup and punctuation, with hyphens for blanks. */
    private static String anchor(String heading) {
        return heading.replaceAll("!?\\[([^\\]]*)\\]\\([^)]*\\)", "$1")
                .replaceAll("[`*]", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{M}\\p{N}\\p{Pc} -]", "")
                .replace(' ', '-');
    }
}
