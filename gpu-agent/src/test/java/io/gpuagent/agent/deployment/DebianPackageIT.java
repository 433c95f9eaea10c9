package io.gpuagent.agent.deployment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gpuagent.testing.Command;
import io.gpuagent.testing.Requirement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Debian package and its units, checked by Debian's and systemd's own tools. */
class DebianPackageIT {

    private static final String PACKAGE = "target/gpu-agent.deb";

    @Test
    void lintianFindsNoError() {
        Requirement.require(Requirement.LINTIAN);
        Command.Result result = Command.of(List.of("lintian", "--fail-on=error", "--tag-display-limit=0", PACKAGE));
        assertEquals(0, result.status(), result.output());
    }

    @Test
    void manFormatsTheManualPageWithoutWarnings() {
        Requirement.require(Requirement.MAN);
        Command.Result result =
                Command.of(List.of("sh", "-c", "man --warnings -E UTF-8 -l -Tutf8 -Z src/deb/gpu-agent.1 > /dev/null"));
        assertEquals(new Command.Result(0, ""), result);
    }

    @Test
    void systemdAcceptsEveryUnit(@TempDir Path directory) throws IOException {
        Requirement.require(Requirement.SYSTEMD_ANALYZE);
        List<String> command = new ArrayList<>(List.of("systemd-analyze", "verify", "--man=no"));
        for (Path unit : units()) {
            // The test machine does not have /usr/bin/gpu-agent, and systemd would report that.
            String text = DeploymentFiles.text(unit).replace("/usr/bin/gpu-agent", "/bin/true");
            command.add(Files.writeString(directory.resolve(unit.getFileName()), text)
                    .toString());
        }
        Command.Result result = Command.of(command);
        // Ignore errors in other units of this machine.
        List<String> complaints = result.output()
                .lines()
                .filter(line -> line.contains("gpu-agent"))
                .toList();
        assertEquals(List.of(), complaints);
    }

    private static List<Path> units() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/deb"))) {
            List<Path> units = files.filter(file -> file.toString().matches(".*\\.(service|timer)"))
                    .sorted()
                    .toList();
            assertEquals(3, units.size(), units.toString());
            return units;
        }
    }
}
