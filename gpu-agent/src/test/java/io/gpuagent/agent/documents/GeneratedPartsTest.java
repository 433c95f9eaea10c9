package io.gpuagent.agent.documents;

import io.gpuagent.agent.cli.Invocation;
import io.gpuagent.testing.Golden;
import io.gpuagent.testing.Totals;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The parts of the documents that are generated from the code are up to date. */
class GeneratedPartsTest {

    @Test
    void theFlagsAreThoseOfTheHelp() throws IOException {
        Golden.checkDocument("gpu-agent/CONFIGURATION.md", "help", "```\n" + help("--help") + "```\n");
    }

    @Test
    void theReportsFlagsAreThoseOfItsHelp() throws IOException {
        String text = help("report", "--help");
        String own = text.substring(text.indexOf("Report:\n"), text.indexOf("General:\n"))
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
