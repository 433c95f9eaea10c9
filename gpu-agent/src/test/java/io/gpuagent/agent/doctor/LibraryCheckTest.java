package io.gpuagent.agent.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.doctor.Finding.Verdict;
import io.gpuagent.nvml.NvmlBackend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Findings about NVIDIA's library. */
class LibraryCheckTest {

    private static final Path FILE = Path.of("/usr/lib/libnvidia-ml.so.470.256.02");

    @TempDir
    private Path directory;

    @Test
    void missingFunctionsAreALimitThatNamesThem() {
        List<Finding> findings = LibraryCheck.found(
                new NvmlBackend.Library(FILE, "", "list_v2", Map.of("memory", List.of("nvmlA", "nvmlB"))));
        assertEquals(Finding.ok("library", FILE + ", process list by list_v2"), findings.get(0));
        assertEquals(
                Finding.limited("library", "lacks nvmlA, nvmlB; unavailable: memory", "install a newer driver"),
                findings.get(1));
        assertEquals(2, findings.size());
    }

    @Test
    void aMissingLibraryIsBroken() throws InterruptedException {
        LibraryCheck check = new LibraryCheck(NvmlBackend.withLibrary(directory.resolve("none.so")));
        assertEquals(Verdict.BROKEN, check.findings().get(0).verdict(), "still loading");
        check.run();
        assertFalse(check.isUsable());
        Finding finding = check.findings().get(0);
        assertEquals(Verdict.BROKEN, finding.verdict());
        assertEquals(directory.resolve("none.so") + " does not exist", finding.text());
        assertTrue(finding.fix().contains("--runtime=nvidia"), finding.fix());
    }

    @Test
    void aFileThatIsNotALibraryIsReportedWithTheLoadersError() throws Exception {
        Path file = Files.writeString(directory.resolve("libnvidia-ml.so.1"), "no library");
        LibraryCheck check = new LibraryCheck(NvmlBackend.withLibrary(file));
        check.run();
        assertTrue(
                check.findings().get(0).text().startsWith("cannot load " + file),
                check.findings().toString());
    }
}
