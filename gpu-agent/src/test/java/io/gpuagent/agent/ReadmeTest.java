package io.gpuagent.agent;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.cli.Invocation;
import io.gpuagent.testing.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The parts of the README that are generated from the code are up to date. */
class ReadmeTest {

    private static final Path EXAMPLE = Path.of("src/test/java/io/gpuagent/agent/EmbeddingExample.java");

    @ParameterizedTest
    @ValueSource(strings = {"embed-snapshot", "embed-collector"})
    void theExamplesAreThoseThatRun(String name) throws IOException {
        String source = Files.readString(EXAMPLE);
        int from = source.indexOf("// " + name + ":begin\n");
        int to = source.indexOf("// " + name + ":end");
        assertTrue(0 <= from && from < to, EXAMPLE + " lacks the marks of " + name);
        String code = source.substring(source.indexOf('\n', from) + 1, to)
                .stripTrailing()
                .stripIndent();
        assertTrue(code.lines().count() < 10, "an example of ten lines or more:\n" + code);
        Golden.checkReadme(name, "```java\n" + code + "\n```\n");
    }

    @Test
    void theSettingsAreThoseOfTheHelp() throws IOException {
        Invocation help = Invocation.of(List.of("--help"), Map.of(), () -> "host");
        Golden.checkReadme("help", "```\n" + ((Invocation.PrintText) help).text() + "```\n");
    }

    @Test
    void theReportsSettingsAreThoseOfItsHelp() throws IOException {
        Invocation help = Invocation.of(List.of("report", "--help"), Map.of(), () -> "host");
        String text = ((Invocation.PrintText) help).text();
        String own = text.substring(text.indexOf("\nReport:") + 1, text.indexOf("General:"))
                .stripTrailing();
        Golden.checkReadme("report-help", "```\n" + own + "\n```\n");
    }
}
