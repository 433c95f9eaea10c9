package io.gpuagent.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SkippedTestsTest {

    private static final Instant START = Instant.parse("2026-12-01T10:00:00Z");

    @TempDir
    Path modules;

    @Test
    void everyReasonIsSaidOnceWithItsTestsAndItsRemedy() throws IOException {
        report("core/target/surefire-reports/TEST-A.xml", 0, passed(), aborted("cc: Debian: gcc libc6-dev"), passed());
        report(
                "agent/target/failsafe-reports/TEST-B.xml",
                100,
                aborted("cc: Debian: gcc libc6-dev"),
                aborted("podman: Debian: podman; root: run the tests as root"),
                aborted("Assumption failed: this machine has a driver"),
                disabled("not today"));
        assertEquals("""

                5 of 7 tests were skipped, because these are missing:
                     2  cc                       Debian: gcc libc6-dev
                     1  not today
                     1  podman                   Debian: podman
                     1  root                     run the tests as root
                     1  this machine has a driver
                To run them: apt-get install --no-install-recommends gcc libc6-dev podman

                """, SkippedTests.in(modules, START).text());
    }

    @Test
    void reportsOfEarlierBuildsAndOtherFilesDoNotCount() throws IOException {
        report("core/target/surefire-reports/TEST-A.xml", -1, aborted("cc: Debian: gcc"));
        report("core/target/surefire-reports/testng-results.xml", 1, aborted("cc: Debian: gcc"));
        report("core/src/surefire-reports/TEST-B.xml", 1, aborted("cc: Debian: gcc"));
        report("core/target/failsafe-reports/TEST-C.xml", 1, passed());
        assertEquals("", SkippedTests.in(modules, START).text());
        assertEquals(1, SkippedTests.in(modules, START).tests());
    }

    @Test
    void withoutReportsNothingIsSaid() throws IOException {
        assertEquals("", SkippedTests.in(modules, START).text());
    }

    private static String passed() {
        return "<testcase name='t'/>";
    }

    private static String aborted(String message) {
        return "<testcase name='t'><skipped type='E'><![CDATA[org.opentest4j.TestAbortedException: " + message
                + "\n\tat some.Where(Where.java:1)\n]]></skipped></testcase>";
    }

    private static String disabled(String message) {
        return "<testcase name='t'><skipped message='" + message + "'/></testcase>";
    }

    private void report(String name, int secondsAfterStart, String... cases) throws IOException {
        Path file = modules.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "<testsuite>" + String.join("", cases) + "</testsuite>");
        Files.setLastModifiedTime(file, FileTime.from(START.plusSeconds(secondsAfterStart)));
    }
}
