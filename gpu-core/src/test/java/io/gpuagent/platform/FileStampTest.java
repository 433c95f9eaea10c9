package io.gpuagent.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStampTest {

    @TempDir
    private Path directory;

    @Test
    void aFileOfTheSameSizeAndTimeUnderTheSameNameIsNoticed() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "before");
        FileStamp stamp = FileStamp.of(file);
        assertFalse(stamp.isOutdated());
        Path other = Files.writeString(directory.resolve("other"), "behind");
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        assertTrue(stamp.isOutdated());
    }

    @Test
    void aRedirectedLinkIsNoticed() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("old"));
        Files.writeString(directory.resolve("old"), "old");
        Files.writeString(directory.resolve("new"), "new");
        FileStamp stamp = FileStamp.of(link);
        Files.delete(link);
        Files.createSymbolicLink(link, Path.of("new"));
        assertTrue(stamp.isOutdated());
    }

    @Test
    void aMissingFileHasAStampUntilItAppears() throws IOException {
        Path file = directory.resolve("file");
        FileStamp stamp = FileStamp.of(file);
        assertEquals(stamp, FileStamp.of(file));
        Files.createFile(file);
        assertTrue(stamp.isOutdated());
    }
}
