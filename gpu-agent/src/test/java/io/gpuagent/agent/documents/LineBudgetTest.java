package io.gpuagent.agent.documents;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.deployment.DeploymentFiles;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Limits the size of the main code, in lines without blanks, comments and imports. */
class LineBudgetTest {

    @ParameterizedTest(name = "{0} has at most {1} lines of main code")
    @CsvSource({"gpu-core,4800", "gpu-nvml,3200", "gpu-agent,8600"})
    void mainCodeStaysWithinItsBudget(String module, long budget) {
        Path sources = Documents.ROOT.resolve(module + "/src/main/java");
        Map<String, Long> lines = Documents.files()
                .filter(file -> file.startsWith(sources) && file.toString().endsWith(".java"))
                .collect(Collectors.groupingBy(
                        file -> sources.relativize(file.getParent()).toString(),
                        TreeMap::new,
                        Collectors.summingLong(LineBudgetTest::lines)));
        long total = lines.values().stream().mapToLong(Long::longValue).sum();
        String report = "%s: %,d of %,d lines %s".formatted(module, total, budget, lines);
        System.out.println(report);
        assertTrue(total > budget / 2 && total <= budget, report);
    }

    private static long lines(Path source) {
        return SourceText.withoutComments(DeploymentFiles.text(source))
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("import "))
                .count();
    }
}
