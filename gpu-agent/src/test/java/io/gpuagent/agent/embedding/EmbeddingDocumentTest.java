package io.gpuagent.agent.embedding;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** EMBEDDING.md shows what {@link EmbeddingIT} builds and runs. */
class EmbeddingDocumentTest {

    private static final String DOCUMENT = "gpu-core/EMBEDDING.md";
    private static final Path OUTSIDE = Path.of("src", "test", "outside");

    @ParameterizedTest
    @CsvSource({
        "embed-memory,memory/src/main/java/example/MemoryByWorkload.java",
        "embed-prometheus,prometheus/src/main/java/example/GpuMetricsServer.java",
        "embed-spring,spring-boot/src/main/java/example/GpuApplication.java"
    })
    void theProgramsAreThoseThatRun(String name, String file) throws IOException {
        Golden.checkDocument(DOCUMENT, name, "```java\n" + Files.readString(OUTSIDE.resolve(file)) + "```\n");
    }

    @ParameterizedTest
    @CsvSource({"embed-bom,prometheus/pom.xml", "embed-spring-dependencies,spring-boot/pom.xml"})
    void theCoordinatesAreThoseThatAreResolved(String name, String file) throws IOException {
        String pom = Files.readString(OUTSIDE.resolve(file));
        int from = pom.indexOf("<!-- " + name + ":begin -->");
        int to = pom.indexOf("<!-- " + name + ":end -->");
        assertTrue(0 <= from && from < to, file + " lacks the markers of " + name);
        String shown =
                pom.substring(pom.indexOf('\n', from) + 1, to).stripTrailing().stripIndent();
        Golden.checkDocument(
                DOCUMENT, name, "```xml\n" + shown.replace("${gpuagent.version}", version(pom)) + "\n```\n");
    }

    @Test
    void theOutputIsWhatTheProgramPrints() throws IOException {
        String output = Files.readString(Path.of("src/test/resources/io/gpuagent/agent/embedding/memory.txt"));
        Golden.checkDocument(DOCUMENT, "embed-memory-output", "```\n" + output + "```\n");
    }

    private static String version(String pom) {
        Matcher version =
                Pattern.compile("<gpuagent.version>(.*)</gpuagent.version>").matcher(pom);
        assertTrue(version.find(), pom);
        return version.group(1);
    }
}
