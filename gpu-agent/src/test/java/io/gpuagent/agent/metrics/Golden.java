package io.gpuagent.agent.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Expected output in files, which {@code -Dgolden.update=true} writes anew. */
public final class Golden {

    /** Whether the files are written rather than compared. */
    public static final boolean UPDATE = Boolean.getBoolean("golden.update");

    private static final Path RESOURCES = Path.of("src/test/resources");

    private Golden() {}

    /** Compares with the file of that name beside the test. */
    public static void check(Class<?> test, String name, String actual) throws IOException {
        checkFile(RESOURCES.resolve(test.getPackageName().replace('.', '/')).resolve(name), actual);
    }

    /** Compares with the file. */
    public static void checkFile(Path file, String actual) throws IOException {
        if (UPDATE) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, actual);
        }
        assertEquals(Files.readString(file), actual, () -> file + " differs; -Dgolden.update=true writes it anew");
    }
}
