package io.gpuagent.nvml.binding;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The file that the library was mapped from, with its identity at that time, so that a replacement under the same name
 * is noticed.
 */
record MappedFile(Path path, List<FileIdentity> identities) {

    private static final Path MAPS = Path.of("/proc/self/maps");

    /**
     * The file's attributes when it was mapped. Not compared with the inode in /proc/self/maps: on overlayfs the two
     * differ.
     */
    record FileIdentity(Path name, Optional<Map<String, Object>> attributes) {

        static FileIdentity of(Path name) {
            try {
                return new FileIdentity(
                        name, Optional.of(Files.readAttributes(name, "unix:dev,ino,size,lastModifiedTime,mode")));
            } catch (IOException e) {
                return new FileIdentity(name, Optional.empty());
            }
        }
    }

    /**
     * The file that this process has mapped the library from.
     *
     * @param requested the file that was loaded; null if the dynamic loader chose it
     */
    static MappedFile ofProcess(@Nullable Path requested) {
        Path mapped = requested != null ? requested : Path.of("libnvidia-ml.so.1");
        try {
            mapped = inMaps(Files.readAllLines(MAPS)).orElse(mapped);
        } catch (IOException e) {
            // Without /proc only the requested path is known.
        }
        // An upgrade may keep the old file and only redirect the symbolic link.
        Path link = requested != null ? requested : mapped.resolveSibling("libnvidia-ml.so.1");
        return new MappedFile(mapped, List.of(FileIdentity.of(mapped), FileIdentity.of(link)));
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
                .anyMatch(identity -> !FileIdentity.of(identity.name()).equals(identity));
    }
}
