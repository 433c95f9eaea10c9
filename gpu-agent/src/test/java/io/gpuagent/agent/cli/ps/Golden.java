package io.gpuagent.agent.cli.ps;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that hold what is expected. {@code -Dgolden.update=true} rewrites them; the difference is then for a reviewer. */
final class Golden {

    private static final Path DIRECTORY = Path.of("src/test/resources/io/gpuagent/agent/cli/ps");

    private Golden() {}

    static void assertMatches(String name, String actual) throws IOException {
        Path file = DIRECTORY.resolve(name);
        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(DIRECTORY);
            Files.writeString(file, actual);
        }
        assertEquals(Files.readString(file), actual, name);
    }
}
