package io.gpuagent.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Expected output in files, which {@code -Dgolden.update=true} rewrites. */
public final class Golden {

    /** Whether the files are written instead of compared. */
    public static final boolean UPDATE = Boolean.getBoolean("golden.update");

    private static final Path RESOURCES = Path.of("src/test/resources");
    private static final Path README = Path.of("..", "README.md");

    private Golden() {}

    /** Compares with the file of that name in the test's resource directory. */
    public static void check(Class<?> test, String name, String actual) throws IOException {
        checkFile(RESOURCES.resolve(test.getPackageName().replace('.', '/')).resolve(name), actual);
    }

    /** Compares with the file. */
    public static void checkFile(Path file, String actual) throws IOException {
        if (UPDATE) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, actual);
        }
        assertEquals(Files.readString(file), actual, () -> file + " differs; -Dgolden.update=true rewrites it");
    }

    /**
     * Compares with the block of the README between the marks of that name. Takes a file lock, since other test
     * processes may write other blocks at the same time.
     */
    public static void checkReadme(String name, String actual) throws IOException {
        try (FileChannel readme = FileChannel.open(README, StandardOpenOption.WRITE)) {
            readme.lock();
            checkBlock(name, actual);
        }
    }

    private static void checkBlock(String name, String actual) throws IOException {
        String begin = "<!-- " + name + ":begin -->\n";
        String end = "<!-- " + name + ":end -->";
        String readme = Files.readString(README);
        int from = readme.indexOf(begin);
        int to = readme.indexOf(end);
        assertTrue(0 <= from && from < to, "README.md lacks the marks of " + name);
        checkFile(README, readme.substring(0, from) + begin + actual + readme.substring(to));
    }
}
