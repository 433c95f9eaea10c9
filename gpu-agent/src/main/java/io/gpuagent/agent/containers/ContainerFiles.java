package io.gpuagent.agent.containers;

import io.gpuagent.workload.ContainerDetails;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Files in which runtimes say of a container what it is called. */
interface ContainerFiles {

    /** What the files are called in the label {@code source}. */
    String name();

    /** The runtimes, as a cgroup path names them, that keep such files. */
    Set<String> runtimes();

    /** What the files in a directory say of a container; empty if it is not among them, or not by a name. */
    Optional<ContainerDetails> read(Path directory, String id) throws IOException;

    /** How many containers have their files in the directory; 0 also if it is not one of theirs. */
    long count(Path directory) throws IOException;

    /** A file's text, cut to a bounded length; empty if there is no such file. */
    static Optional<String> text(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Optional.of(new String(in.readNBytes(16 << 20), StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (FileSystemException e) {
            if (isBelowAFile(file)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** An index or a lock lies beside the directories of containers. To open a file below it fails with no exception type of its own. */
    private static boolean isBelowAFile(Path file) {
        return Stream.iterate(file.getParent(), Objects::nonNull, Path::getParent)
                .anyMatch(Files::isRegularFile);
    }
}
