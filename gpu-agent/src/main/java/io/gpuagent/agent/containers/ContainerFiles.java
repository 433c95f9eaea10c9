package io.gpuagent.agent.containers;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
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

/** A kind of files in which container runtimes record the names of containers. */
interface ContainerFiles {

    /** The maximum number of bytes read from a file: enough for an index of thousands of containers. */
    int LONGEST = 4 << 20;

    /**
     * Limits the number of tokens to what a regular file of that size has, and does not cache field names across files, so that malicious
     * files cannot exhaust the heap.
     */
    JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxTokenCount(200_000)
                            .build())
                    .build())
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** The entries whose value is not null. */
    static Map<String, String> present(@Nullable Map<String, @Nullable String> texts) {
        Map<String, String> present = new HashMap<>(Objects.requireNonNullElse(texts, Map.of()));
        present.values().removeIf(Objects::isNull);
        return present;
    }

    /** The name of the files in the metric label {@code source}. */
    String name();

    /** The runtimes that write such files, named as in cgroup paths. */
    Set<ContainerRuntime> runtimes();

    /** Reads the details of a container, or of any container of a pod; empty if it is not there or has no name. */
    Optional<ContainerDetails> read(Path directory, Workload.Named owner) throws IOException;

    /** The number of containers with files in the directory; 0 also if the directory is of another kind. */
    long count(Path directory) throws IOException;

    /**
     * Reads a file's text up to {@link #LONGEST} bytes; empty if there is no such regular file. Users can write such files: opening a named
     * pipe would block, and a symbolic link could point anywhere, so neither is followed.
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
