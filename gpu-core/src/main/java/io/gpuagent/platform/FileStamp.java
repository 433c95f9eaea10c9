package io.gpuagent.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The state of a file at one instant, without its content. A file that was written, replaced, removed or created since
 * has a different stamp. A symbolic link is followed.
 *
 * <p>Take the stamp before the content is read: a file that changes in between then differs from its stamp.
 *
 * @param attributes device, inode, size, mode and modification time; empty if the file cannot be found
 */
public record FileStamp(Path file, Map<String, Object> attributes) {

    public FileStamp {
        attributes = Map.copyOf(attributes);
    }

    /** The stamp of the file as it is now. */
    public static FileStamp of(Path file) {
        try {
            return new FileStamp(file, Files.readAttributes(file, "unix:dev,ino,size,lastModifiedTime,mode"));
        } catch (IOException e) {
            return new FileStamp(file, Map.of());
        }
    }

    /** Returns true if the file is no longer as it was when the stamp was taken. */
    public boolean isOutdated() {
        return !of(file).equals(this);
    }
}
