package io.gpuagent.agent.documents;

import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The comments and literals of source text in C, Java, JavaScript and CSS. */
final class SourceText {

    private static final String TEXT_BLOCK = "\"\"\"(?:[^\"\\\\]++|\\\\.|\"(?!\"\"))*+\"\"\"";
    private static final String STRING = "\"(?:[^\"\\\\\n]++|\\\\.)*+\"";
    private static final String CHARACTER = "'(?:[^'\\\\\n]++|\\\\.)*+'";
    private static final String COMMENT = "/\\*.*?\\*/|(?<!:)//[^\n]*";

    private static final Pattern PART = Pattern.compile(
            "(?:" + TEXT_BLOCK + "|" + STRING + "|" + CHARACTER + ")|(?:" + COMMENT + ")", Pattern.DOTALL);

    private SourceText() {}

    /** String and character literals alone, each on its own line. */
    static String literals(String source) {
        return PART.matcher(source)
                .results()
                .map(MatchResult::group)
                .filter(part -> !part.startsWith("/"))
                .collect(Collectors.joining("\n"));
    }

    /** The source without its comments, with every line at its number. */
    static String withoutComments(String source) {
        return PART.matcher(source)
                .replaceAll(part -> part.group().startsWith("/")
                        ? part.group().replaceAll("[^\n]+", " ")
                        : Matcher.quoteReplacement(part.group()));
    }

    /** The source with its identifiers in words: {@code sampleCount} becomes {@code sample Count}. */
    static String inWords(String source) {
        return source.replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ").replace('_', ' ');
    }
}
