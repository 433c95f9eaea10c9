package io.gpuagent.nvml.binding;

import io.gpuagent.platform.FileStamp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The file that the library was mapped from. Its stamps show when the file has been replaced by another one with the
 * same name.
 *
 * @param stamps the state of the file and of the symbolic link to it when the library was mapped. The inode in
 *     /proc/self/maps is not used for this, since on overlayfs it differs from the file's inode
 */
record MappedFile(Path path, List<FileStamp> stamps) {

    private static final Path MAPS = Path.of("/proc/self/maps");

    /**
     * Returns the file that this process has mapped the library from.
     *
     * @param requested the file that was loaded; null if the dynamic loader chose it
     */
    static MappedFile ofProcess(@Nullable Path requested) {
        Path mapped = requested != null ? requested : Path.of("libnvidia-ml.so.1");
        try {
            mapped = inMaps(Files.readAllLines(MAPS)).orElse(mapped);
        } catch (IOException e) {
            // Without /proc, only the requested path is known.
        }
        // An upgrade may keep the old file and only redirect the symbolic link.
        Path link = requested != null ? requested : mapped.resolveSibling("libnvidia-ml.so.1");
        return new MappedFile(mapped, List.of(FileStamp.of(mapped), FileStamp.of(link)));
    }

    static Optional<Path> inMaps(List<String> maps) {
        return maps.stream()
                .map(line -> line.indexOf('/') < 0 ? "" : line.substring(line.indexOf('/')))
                .filter(path -> path.substring(path.lastIndexOf('/') + 1).startsWith("libnvidia-ml.so"))
                .map(Path::of)
                .findFirst();
    }

    boolean replaced() {
        return stamps.stream().anyMatch(FileStamp::isOutdated);
    }
}
