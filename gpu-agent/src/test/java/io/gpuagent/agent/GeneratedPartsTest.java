package io.gpuagent.agent;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.cli.Invocation;
import io.gpuagent.testing.Golden;
import io.gpuagent.testing.Totals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The parts of the documents that are generated from the code are up to date. */
class GeneratedPartsTest {

    private static final Path EXAMPLE = Path.of("src/test/java/io/gpuagent/agent/EmbeddingExample.java");

    @ParameterizedTest
    @ValueSource(strings = {"embed-snapshot", "embed-collector"})
    void theExamplesAreThoseThatRun(String name) throws IOException {
        String source = Files.readString(EXAMPLE);
        int from = source.indexOf("// " + name + ":begin\n");
        int to = source.indexOf("// " + name + ":end");
        assertTrue(0 <= from && from < to, EXAMPLE + " lacks the markers of " + name);
        String code = source.substring(source.indexOf('\n', from) + 1, to)
                .stripTrailing()
                .stripIndent();
        assertTrue(code.lines().count() < 10, "an example of ten lines or more:\n" + code);
        Golden.checkDocument("gpu-core/EMBEDDING.md", name, "```java\n" + code + "\n```\n");
    }

    @Test
    void theFlagsAreThoseOfTheHelp() throws IOException {
        Golden.checkDocument("gpu-agent/CONFIGURATION.md", "help", "```\n" + help("--help") + "```\n");
    }

    @Test
    void theReportsFlagsAreThoseOfItsHelp() throws IOException {
        String text = help("report", "--help");
        String own = text.substring(text.indexOf("What to report:"), text.indexOf("General:"))
                .stripTrailing();
        Golden.checkDocument("gpu-agent/REPORT.md", "report-help", "```\n" + own + "\n```\n");
    }

    private static String help(String... arguments) {
        Invocation help = Invocation.of(List.of(arguments), Map.of(), () -> "host");
        return ((Invocation.PrintText) help).text();
    }

    @Test
    void theTotalsAreTheExpressionThatIsTestedAgainstPrometheus() throws IOException {
        Golden.checkDocument(
                "gpu-agent/METRICS.md", "totals", "```promql\n" + Totals.over("x", "5m", "300") + "\n```\n");
    }
}
