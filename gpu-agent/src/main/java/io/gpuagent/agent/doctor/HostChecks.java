package io.gpuagent.agent.doctor;

import io.gpuagent.agent.cli.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The checks of the host that only read a few files. */
public final class HostChecks {

    private static final Path SELF = Path.of("/proc/self");

    private HostChecks() {}

    /** The file's text; empty if it cannot be read. */
    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }

    /** @param procfs the mount point of the host's proc file system */
    public static List<Check> of(Path procfs, Map<String, String> environment) {
        return List.of(
                Check.of("proc", () -> ProcFacts.read(procfs), ProcFacts::judge),
                Check.of("cgroup", () -> CgroupFacts.read(procfs, SELF), CgroupFacts::judge),
                Check.of("java", () -> JavaFacts.read(SELF, environment), JavaFacts::judge),
                Check.of("clock", () -> ClockFacts.read(Version.built()), ClockFacts::judge));
    }
}
