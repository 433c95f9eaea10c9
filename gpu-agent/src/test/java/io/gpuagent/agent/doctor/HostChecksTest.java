package io.gpuagent.agent.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.doctor.Finding.Verdict;
import io.gpuagent.cgroup.CgroupFile;
import io.gpuagent.workload.Resolution.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Findings about /proc, cgroups, Java and the clock. */
class HostChecksTest {

    private static final Path PROC = Path.of("/host/proc");

    @TempDir
    private Path directory;

    @Test
    void aMissingProcIsBroken() {
        Finding finding = only(ProcFacts.read(directory.resolve("none")).judge());
        assertEquals(Verdict.BROKEN, finding.verdict());
        assertTrue(finding.text().endsWith("/none does not exist"), finding.text());
        assertTrue(finding.fix().contains("--path.procfs"), finding.fix());
    }

    @Test
    void aProcOfAnotherPidNamespaceIsBroken() {
        Finding finding = only(ProcFacts.read(directory).judge());
        assertEquals(Verdict.BROKEN, finding.verdict());
        assertEquals(directory + ": " + Reason.NO_HOST_PID.text(), finding.text());
    }

    @Test
    void aProcThatHidesOthersProcessesIsBroken() throws IOException {
        Files.createDirectories(directory.resolve("2"));
        Files.writeString(directory.resolve("2/comm"), "kthreadd\n");
        Finding finding = only(ProcFacts.read(directory).judge());
        assertEquals(Verdict.BROKEN, finding.verdict());
        assertEquals(directory + ": " + Reason.UNREADABLE.text(), finding.text());
    }

    @Test
    void aProcOfTheHostIsOk() {
        assertEquals(
                Finding.ok("proc", "/host/proc shows the host's processes"),
                only(new ProcFacts(PROC, true, true, true).judge()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0::/init.scope | v2",
                "1:name=systemd:/ 0::/ | v1 and v2 (hybrid)",
                "2:cpu:/ 1:name=systemd:/ | v1"
            })
    void theCgroupVersionIsThatOfPidOne(String lines, String version) throws IOException {
        Files.createDirectories(directory.resolve("1"));
        Files.writeString(directory.resolve("1/cgroup"), lines.replace(' ', '\n') + "\n");
        Path self = Files.createDirectories(directory.resolve("self/ns"));
        Files.createSymbolicLink(self.resolve("cgroup"), Path.of("cgroup:[4026531835]"));
        Finding finding =
                only(CgroupFacts.read(directory, directory.resolve("self")).judge());
        assertEquals(Finding.ok("cgroup", version), finding);
    }

    @Test
    void aPrivateCgroupNamespaceIsReportedAndOk() {
        CgroupFile init = CgroupFile.parse("0::/../../init.scope\n");
        Finding finding = only(new CgroupFacts(init, "cgroup:[4026532757]").judge());
        assertEquals(Finding.ok("cgroup", "v2, in a private cgroup namespace; container ids are still found"), finding);
        assertEquals(Finding.ok("cgroup", "v2"), only(new CgroupFacts(init, "").judge()));
    }

    @Test
    void withoutTheCgroupsOfPidOneTheVersionIsUnknown() {
        assertEquals(
                Verdict.LIMITED,
                only(CgroupFacts.read(directory, directory).judge()).verdict());
    }

    @Test
    void aBareJavaIsALimit() {
        assertEquals(
                Finding.ok("java", "17.0.15, maximum heap 64 MiB"),
                only(new JavaFacts("17.0.15", 64 << 20, "", false, 1024, false).judge()));
        Finding finding = only(new JavaFacts("17.0.15", 64 << 20, "the heap may grow", false, 1024, false).judge());
        assertEquals(Verdict.LIMITED, finding.verdict());
        assertEquals("17.0.15; the heap may grow", finding.text());
    }

    @Test
    void immediateBindingIsALimit() {
        Finding finding =
                new JavaFacts("17", 64 << 20, "", true, 1024, true).judge().get(1);
        assertEquals(Verdict.LIMITED, finding.verdict());
        assertTrue(finding.text().startsWith("LD_BIND_NOW is set"), finding.text());
        assertTrue(JavaFacts.read(directory, Map.of("LD_BIND_NOW", "1")).bindNow());
        assertTrue(!JavaFacts.read(directory, Map.of("LD_BIND_NOW", "")).bindNow(), "empty means unset, see ld.so(8)");
    }

    @Test
    void aLimitOfABillionOpenFilesMattersOnlyWithThePersistenceDaemon() {
        assertEquals(
                1,
                new JavaFacts("17", 64 << 20, "", false, 1_073_741_816, false)
                        .judge()
                        .size());
        assertEquals(
                1,
                new JavaFacts("17", 64 << 20, "", false, 20_000, true).judge().size());
        Finding finding = new JavaFacts("17", 64 << 20, "", false, 1_073_741_816, true)
                .judge()
                .get(1);
        assertEquals(Verdict.LIMITED, finding.verdict());
        assertTrue(
                finding.text().startsWith("limit of 1073741816 open files, and /run/nvidia-persistenced/socket"),
                finding.text());
    }

    @ParameterizedTest
    @CsvSource({"20000,20000", "unlimited,9223372036854775807"})
    void theSoftLimitOfOpenFilesIsParsed(String written, long limit) {
        String limits = """
                Limit                     Soft Limit           Hard Limit           Units     \s
                Max open files            %-20s 1048576              files     \s
                """;
        assertEquals(limit, JavaFacts.openFiles(String.format(limits, written)));
        assertEquals(0, JavaFacts.openFiles(""));
    }

    @Test
    void aClockBeforeTheBuildOrFarBehindItIsALimit() {
        Instant built = Instant.parse("2026-11-23T00:00:00Z");
        Instant now = Instant.parse("2026-12-01T08:00:00.5Z");
        assertEquals(
                Finding.ok("clock", "2026-12-01T08:00:00Z, synchronised"),
                only(new ClockFacts(now, built, true).judge()));
        assertEquals(Finding.ok("clock", "2026-12-01T08:00:00Z"), only(new ClockFacts(now, built, false).judge()));
        for (String wrong : List.of("1970-01-01T00:03:00Z", "2100-01-01T00:00:00Z")) {
            Finding finding = only(new ClockFacts(Instant.parse(wrong), built, true).judge());
            assertEquals(Verdict.LIMITED, finding.verdict(), wrong);
            assertEquals(wrong + " is implausible: this agent was built at 2026-11-23T00:00:00Z", finding.text());
        }
    }

    @Test
    void everyCheckCompletesOnThisMachine() throws Exception {
        for (Check check : HostChecks.of(Path.of("/proc"), Map.of())) {
            assertEquals(List.of(), check.findings(), "no findings before the check has run");
            check.run();
            assertTrue(check.findings().size() >= 1, check.name());
            assertEquals(check.name(), check.findings().get(0).check());
        }
    }

    private static Finding only(List<Finding> findings) {
        assertEquals(1, findings.size(), findings.toString());
        return findings.get(0);
    }
}
