package io.gpuagent.agent.containers;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gpuagent.workload.ContainerDetails;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Files in which runtimes say of a container what it is called. */
interface ContainerFiles {

    /** Bytes of a file that are read: enough for an index of thousands of containers. */
    int LONGEST = 4 << 20;

    /**
     * Reads no more than what an honest file of that length holds, and remembers no keys from one file to the next, so that hostile ones
     * do not take our memory.
     */
    JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxTokenCount(200_000)
                            .build())
                    .build())
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** Without those that JSON has as null. */
    static Map<String, String> present(@Nullable Map<String, @Nullable String> texts) {
        Map<String, String> present = new HashMap<>(Objects.requireNonNullElse(texts, Map.of()));
        present.values().removeIf(Objects::isNull);
        return present;
    }

    /** What the files are called in the label {@code source}. */
    String name();

    /** The runtimes, as a cgroup path names them, that keep such files. */
    Set<String> runtimes();

    /** What the files in a directory say of a container; empty if it is not among them, or not by a name. */
    Optional<ContainerDetails> read(Path directory, String id) throws IOException;

    /** How many containers have their files in the directory; 0 also if it is not one of theirs. */
    long count(Path directory) throws IOException;

    /**
     * A file's text, cut to a bounded length; empty if there is no such file. Users write such files too: a pipe in its place would never
     * be opened, and a link may lead anywhere.
     */
    static Optional<String> text(Path file) throws IOException {
        try {
            if (!Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS)
                    .isRegularFile()) {
                return Optional.empty();
            }
            try (InputStream in = Files.newInputStream(file, NOFOLLOW_LINKS)) {
                return Optional.of(new String(in.readNBytes(LONGEST), StandardCharsets.UTF_8));
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }
}
