package io.gpuagent.nvml.binding;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The file that the library was mapped from, remembered with its identity, so that a later file under the same name is told from it.
 */
record MappedFile(Path path, List<Identity> identities) {

    private static final Path MAPS = Path.of("/proc/self/maps");

    /** What the name led to when it was mapped. Not compared with the maps' inode: on overlayfs the two differ. */
    record Identity(Path name, Optional<Map<String, Object>> attributes) {

        static Identity of(Path name) {
            try {
                return new Identity(
                        name, Optional.of(Files.readAttributes(name, "unix:dev,ino,size,lastModifiedTime,mode")));
            } catch (IOException e) {
                return new Identity(name, Optional.empty());
            }
        }
    }

    /** The file that this process has mapped the library from. */
    static MappedFile ofProcess(@Nullable Path askedFor) {
        Path mapped = askedFor != null ? askedFor : Path.of("libnvidia-ml.so.1");
        try {
            mapped = inMaps(Files.readAllLines(MAPS)).orElse(mapped);
        } catch (IOException e) {
            // Without /proc only what was asked for is known.
        }
        // An upgrade may leave the old file and only turn the link.
        Path link = askedFor != null ? askedFor : mapped.resolveSibling("libnvidia-ml.so.1");
        return new MappedFile(mapped, List.of(Identity.of(mapped), Identity.of(link)));
    }

    static Optional<Path> inMaps(List<String> maps) {
        return maps.stream()
                .map(line -> line.indexOf('/') < 0 ? "" : line.substring(line.indexOf('/')))
                .filter(path -> path.substring(path.lastIndexOf('/') + 1).startsWith("libnvidia-ml.so"))
                .map(Path::of)
                .findFirst();
    }

    boolean replaced() {
        return identities.stream()
                .anyMatch(before -> !Identity.of(before.name()).equals(before));
    }
}
