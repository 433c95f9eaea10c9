package io.gpuagent.agent.documents;

import io.gpuagent.agent.deployment.DeploymentFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The text files of the repository, among them its documents. */
final class Documents {

    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final Pattern GENERATED = Pattern.compile("(?s)<!-- ([\\w-]+):begin -->\n.*?<!-- \\1:end -->");

    /** Directories of builds and of tools. */
    private static final Set<String> SKIPPED = Set.of("target", ".git", ".idea", ".vscode", ".cifuzz-corpus");

    private Documents() {}

    /** The Markdown files. */
    static List<Path> all() {
        return files().filter(file -> file.toString().endsWith(".md")).toList();
    }

    /** All files that are not built, in alphabetical order. */
    static Stream<Path> files() {
        return below(ROOT).sorted();
    }

    private static Stream<Path> below(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> !SKIPPED.contains(entry.getFileName().toString())).toList().stream()
                    .flatMap(entry -> Files.isDirectory(entry) ? below(entry) : Stream.of(entry));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A document's text without its generated parts, because their words are checked in the code. */
    static String written(Path document) {
        return GENERATED.matcher(DeploymentFiles.text(document)).replaceAll("");
    }

    static String name(Path file) {
        return ROOT.relativize(file).toString();
    }
}
