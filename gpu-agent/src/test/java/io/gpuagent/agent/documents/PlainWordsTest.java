package io.gpuagent.agent.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Words that the project does not use in documents, comments, strings, identifiers and shipped files, because the language of
 * documentation has better ones (CONTRIBUTING.md, "Language").
 */
class PlainWordsTest {

    /** The last three words are pronouns for people; processes and programs are "it". */
    private static final Pattern BANNED =
            Pattern.compile("(?i)\\b(tell|tells|told|mend|mended|anew|whoever|how[\\s*#/]+manieth|he|his|him)\\b");

    private static final Pattern BANNED_IN_NAMES =
            Pattern.compile("(?i)\\b(tell|tells|told|mend|mended|anew|whoever|manieth)\\b");

    /** Files that may contain the words: licenses, fuzzer inputs, and this test. */
    private static final Pattern EXCLUDED = Pattern.compile(
            ".*(/|^)(LICENSE|copyright|\\w+FuzzTestInputs/.*|fuzz\\.dict|hs_err_pid.*|PlainWordsTest\\.java)");

    private static final int MOST_SHOWN = 60;

    @Test
    void documentsUsePlainWords() {
        // The generated parts are strings of the code, and are checked there.
        assertNone(Documents.all().stream(), document -> found(BANNED, Documents.written(document)));
    }

    @Test
    void commentsStringsAndShippedFilesUsePlainWords() {
        assertNone(
                Documents.files().filter(file -> !file.toString().endsWith(".md")),
                file -> text(file)
                        .map(text -> found(BANNED, checked(file, text)))
                        .orElse(Stream.of()));
    }

    @Test
    void identifiersAreMadeOfPlainWords() {
        assertNone(
                Documents.files().filter(file -> file.toString().endsWith(".java") && !LaterRewrites.contain(file)),
                file -> text(file)
                        .map(text -> found(BANNED_IN_NAMES, SourceText.inWords(SourceText.withoutComments(text))))
                        .orElse(Stream.of()));
    }

    @Test
    void everyExemptPathExists() {
        for (String path : LaterRewrites.PATHS) {
            assertTrue(Files.exists(Documents.ROOT.resolve(path)), path);
        }
    }

    @Test
    void wordsAreFoundInCommentsStringsAndNamesAndNowhereElse() {
        String source = """
                /** Tells how
                 * manieth it is. */
                String text = "\\"he\\" // said"; // his
                String url = "http://told.example";
                char quote = '"'; // anew
                boolean tellsEvents = anything.hotelling(mendable);
                """;
        assertEquals(
                List.of("1: Tells", "1: how\n * manieth", "3: he", "3: his", "4: told", "5: anew"),
                found(BANNED, source).toList());
        assertEquals(
                List.of("1: he", "2: told"),
                found(BANNED, SourceText.literals(source)).toList());
        assertEquals(
                List.of("4: told", "6: tells"),
                found(BANNED_IN_NAMES, SourceText.inWords(SourceText.withoutComments(source)))
                        .toList());
    }

    /** The text to check: of code that is to be rebuilt, only what it shows to users. */
    private static String checked(Path file, String text) {
        if (!LaterRewrites.contain(file)) {
            return text;
        }
        return file.toString().endsWith(".java") ? SourceText.literals(text) : SourceText.withoutComments(text);
    }

    private static void assertNone(Stream<Path> files, Function<Path, Stream<String>> finder) {
        List<String> found = files.filter(
                        file -> !EXCLUDED.matcher(Documents.name(file)).matches())
                .flatMap(file -> finder.apply(file).map(word -> Documents.name(file) + ":" + word))
                .toList();
        assertEquals(
                "",
                found.stream().limit(MOST_SHOWN).collect(Collectors.joining("\n")),
                () -> found.size() + " banned words");
    }

    /** The banned words of a text, each after the number of its line. */
    private static Stream<String> found(Pattern banned, String text) {
        int[] ends = IntStream.range(0, text.length())
                .filter(at -> text.charAt(at) == '\n')
                .toArray();
        return banned.matcher(text).results().map(word -> line(ends, word.start()) + ": " + word.group());
    }

    private static long line(int[] ends, int at) {
        return 1 + IntStream.of(ends).filter(end -> end < at).count();
    }

    /** The text of a file; empty for a binary file. */
    private static Optional<String> text(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
