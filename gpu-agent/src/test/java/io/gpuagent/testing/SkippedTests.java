package io.gpuagent.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * The skipped tests of a build by reason, printed at its end, because Maven only prints their number. A missing {@link Requirement} is a
 * row with its remedy.
 *
 * @param tests the number of tests, skipped ones included
 * @param skipped the number of skipped tests
 * @param reasons the number of skipped tests by reason; a test can have several reasons
 */
public record SkippedTests(int tests, int skipped, Map<String, Integer> reasons) {

    /** Prints the skipped tests of all modules below a directory since the start of the build. Prints nothing if there are none. */
    public static void main(String[] arguments) throws IOException {
        System.out.print(in(Path.of(arguments[0]), Instant.parse(arguments[1])).text());
    }

    /** Reads the test reports that are newer than the given time. Older ones belong to tests that this build did not run. */
    static SkippedTests in(Path modules, Instant since) throws IOException {
        try (Stream<Path> files = Files.find(
                modules,
                4,
                (file, attributes) -> isReport(modules.relativize(file))
                        && !attributes.lastModifiedTime().toInstant().isBefore(since))) {
            return of(files.map(Path::toFile).map(SkippedTests::parse).toList());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static boolean isReport(Path file) {
        return file.toString().matches("[^/]+/target/(surefire|failsafe)-reports/TEST-[^/]+\\.xml");
    }

    private static SkippedTests of(List<Document> reports) {
        int tests = 0;
        int skipped = 0;
        Map<String, Integer> reasons = new TreeMap<>();
        for (Document report : reports) {
            tests += report.getElementsByTagName("testcase").getLength();
            NodeList skips = report.getElementsByTagName("skipped");
            skipped += skips.getLength();
            for (int i = 0; i < skips.getLength(); i++) {
                for (String reason : message((Element) skips.item(i)).split(Requirement.AND)) {
                    reasons.merge(reason, 1, Integer::sum);
                }
            }
        }
        return new SkippedTests(tests, skipped, reasons);
    }

    /** An aborted test has a stack trace that begins with the exception; a disabled test has none. */
    private static String message(Element skip) {
        String trace = skip.getTextContent().strip();
        String message = trace.isEmpty()
                ? skip.getAttribute("message")
                : trace.lines().findFirst().orElseThrow().replaceFirst("^[\\w.$]+: ", "");
        return message.replaceFirst("^Assumption failed: ", "");
    }

    private static Document parse(File report) {
        try {
            return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(report);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ParserConfigurationException | SAXException e) {
            throw new IllegalStateException(report + " is not a test report", e);
        }
    }

    /** A table with the most frequent reason first, and the command that installs what is missing. */
    String text() {
        if (skipped == 0) {
            return "";
        }
        List<String> lines = new ArrayList<>();
        lines.add("%d of %d tests were skipped, because these are missing:".formatted(skipped, tests));
        reasons.entrySet().stream()
                .sorted(Comparator.<Map.Entry<String, Integer>>comparingInt(Map.Entry::getValue)
                        .reversed()
                        .thenComparing(Map.Entry::getKey))
                .map(reason -> row(reason.getKey(), reason.getValue()))
                .forEach(lines::add);
        TreeSet<String> packages = packages();
        if (!packages.isEmpty()) {
            lines.add("To run them: apt-get install --no-install-recommends " + String.join(" ", packages));
        }
        return lines.stream().collect(Collectors.joining("\n", "\n", "\n\n"));
    }

    private static String row(String reason, int tests) {
        String[] parts = reason.split(": ", 2);
        return parts.length == 1
                ? "%6d  %s".formatted(tests, reason)
                : "%6d  %-23s  %s".formatted(tests, parts[0], parts[1]);
    }

    private TreeSet<String> packages() {
        return reasons.keySet().stream()
                .flatMap(reason ->
                        Stream.of(reason.split(": " + Requirement.DEBIAN, 2)).skip(1))
                .flatMap(packages -> Stream.of(packages.split(" ")))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
