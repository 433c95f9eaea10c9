package io.gpuagent.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The state of a file at one instant, without its content. If the file is written, replaced, removed or created
 * afterwards, its stamp changes. Symbolic links are followed.
 *
 * <p>Take the stamp before reading the content. A change in between then makes the stamp outdated.
 *
 * @param attributes device, inode, size, mode and modification time; empty if the file cannot be found
 */
public record FileStamp(Path file, Map<String, Object> attributes) {

    public FileStamp {
        attributes = Map.copyOf(attributes);
    }

    /** Takes the stamp of a file. */
    public static FileStamp of(Path file) {
        try {
            return new FileStamp(file, Files.readAttributes(file, "unix:dev,ino,size,lastModifiedTime,mode"));
        } catch (IOException e) {
            return new FileStamp(file, Map.of());
        }
    }

    /** Whether the file has changed since the stamp was taken. */
    public boolean isOutdated() {
        return !of(file).equals(this);
    }
}
