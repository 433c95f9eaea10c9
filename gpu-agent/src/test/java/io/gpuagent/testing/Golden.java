package io.gpuagent.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Expected output in files. {@code -Dgolden.update=true} rewrites them. */
public final class Golden {

    /** Whether files are written instead of compared. */
    public static final boolean UPDATE = Boolean.getBoolean("golden.update");

    private static final Path RESOURCES = Path.of("src/test/resources");
    private static final Path REPOSITORY = Path.of("..");

    private Golden() {}

    /** Compares the actual text with a file in the test's resource directory. */
    public static void check(Class<?> test, String name, String actual) throws IOException {
        checkFile(RESOURCES.resolve(test.getPackageName().replace('.', '/')).resolve(name), actual);
    }

    /** Compares the actual text with a file. */
    public static void checkFile(Path file, String actual) throws IOException {
        if (UPDATE) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, actual);
        }
        assertEquals(Files.readString(file), actual, () -> file + " differs; -Dgolden.update=true rewrites it");
    }

    /**
     * Compares the actual text with a block of a document. Other test processes may rewrite other blocks of the document at the same time.
     *
     * @param document such as {@code gpu-agent/METRICS.md}
     * @param name of the block, which lies between {@code <!-- NAME:begin -->} and {@code <!-- NAME:end -->}
     */
    public static void checkDocument(String document, String name, String actual) throws IOException {
        inDocument(document, name, (file, text, shown) -> checkFile(file, text.replace(shown, marked(name, actual))));
    }

    /**
     * Works like {@link #checkDocument} for output whose figures change: numbers, times and column widths are not
     * compared.
     */
    public static void checkDocumentExceptFigures(String document, String name, String actual) throws IOException {
        inDocument(document, name, (file, text, shown) -> {
            if (UPDATE && !withoutFigures(shown).equals(withoutFigures(marked(name, actual)))) {
                Files.writeString(file, text.replace(shown, marked(name, actual)));
                return;
            }
            assertEquals(
                    withoutFigures(shown),
                    withoutFigures(marked(name, actual)),
                    () -> file + " differs; -Dgolden.update=true rewrites it");
        });
    }

    /** Compares the actual text with the block between two markers of a file. */
    public static void checkBlock(Path file, String begin, String end, String actual) throws IOException {
        String text = Files.readString(file);
        int from = text.indexOf(begin);
        int to = text.indexOf(end);
        assertTrue(0 <= from && from < to, file + " lacks the markers " + begin.strip() + " and " + end);
        checkFile(file, text.substring(0, from) + begin + actual + text.substring(to));
    }

    private interface Comparison {

        /** @param shown the block with its markers */
        void run(Path file, String text, String shown) throws IOException;
    }

    private static void inDocument(String document, String name, Comparison comparison) throws IOException {
        Path file = REPOSITORY.resolve(document);
        try (FileChannel lock = FileChannel.open(file, StandardOpenOption.WRITE)) {
            lock.lock();
            String text = Files.readString(file);
            int from = text.indexOf("<!-- " + name + ":begin -->\n");
            String end = "<!-- " + name + ":end -->";
            int to = text.indexOf(end);
            assertTrue(0 <= from && from < to, document + " lacks the markers of " + name);
            comparison.run(file, text, text.substring(from, to + end.length()));
        }
    }

    private static String marked(String name, String actual) {
        return "<!-- " + name + ":begin -->\n" + actual + "<!-- " + name + ":end -->";
    }

    private static String withoutFigures(String text) {
        return text.replaceAll("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z", "TIME")
                .replaceAll("(?<![\\w\"-])\\d[\\d.]*(E-?\\d+)?(?!\\w)", "#")
                .replaceAll(" +", " ");
    }
}
