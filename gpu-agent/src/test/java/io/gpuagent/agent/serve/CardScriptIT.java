package io.gpuagent.agent.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.nvml.FakeNvml;
import io.gpuagent.testing.AgentProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script for machines with an NVIDIA card, {@code gpu-nvml/src/test/card/run}, with stand-ins for the library,
 * {@code nvidia-smi} and the allocating program. The allocating program writes the scenario that the other two report.
 */
class CardScriptIT {

    private static final Path SCRIPT = Path.of("..", "gpu-nvml", "src", "test", "card", "run");

    @TempDir
    Path directory;

    private FakeNvml fake;

    private record Result(int status, String out) {}

    @BeforeEach
    void standIns() throws IOException {
        fake = FakeNvml.build(FakeNvml.Variant.DRIVER_580, directory)
                .play("driver version=580.95.05\ndevice 0 uuid=GPU-0 mem_total=8G\n");
        program("nvidia-smi", """
                case "$*" in
                  -L) echo "GPU 0: Stand-in (UUID: GPU-0)" ;;
                  *compute-apps*) sed -n "s/^proc 0 pid=\\\\([0-9]*\\\\) mem=\\\\([0-9]*\\\\)M/\\\\1, \\\\2$LIE/p" DIR/scenario ;;
                  *) sed -n 's/^device .*mem_used=\\([0-9]*\\)M.*/\\1/p' DIR/scenario ;;
                esac
                """);
        program("alloc", """
                for phase in "device 0" "device 256" "managed 1024" "device 512"; do
                  set -- $phase
                  held=300
                  [ $1 = managed ] || held=$((held + $2))
                  cat > DIR/next << END
                driver version=580.95.05
                device 0 uuid=GPU-0 mem_total=8G mem_used=$((350 + $2))M
                proc 0 pid=$$ mem=${held}M
                END
                  mv DIR/next DIR/scenario
                  echo "$1 $(($2 << 20))"
                  read -r line || exit 0
                done
                """);
    }

    private void program(String name, String text) throws IOException {
        Path file =
                Files.writeString(directory.resolve(name), "#!/bin/sh\n" + text.replace("DIR", directory.toString()));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void theAgentAgreesWithNvidiaSmiAndWithTheProgram() throws Exception {
        Result result = run("");
        assertEquals(0, result.status(), result.out());
        assertRow(result, "| device | 0 | 0 | 314572800 | 314572800 | 367001600 | 367001600 | agree |");
        assertRow(result, "| device | 268435456 | 268435456 | 583008256 | 583008256 | 635437056 | 635437056 | agree |");
        assertRow(result, "| managed | 1073741824 | 0 | 314572800 | 314572800 | 1440743424 | 1440743424 | agree |");
        assertTrue(result.out().contains("| `nvmlDeviceGetUUID` | 1 | "), result.out());
    }

    @Test
    void aDifferenceIsReportedAndFails() throws Exception {
        Result result = run("9");
        assertEquals(1, result.status(), result.out());
        assertRow(result, "| device | 0 | 0 | 314572800 | 3155165184 | 367001600 | 367001600 | differ |");
    }

    @Test
    void withoutACardItSaysSoAndExitsWithStatus77() throws Exception {
        Files.delete(directory.resolve("nvidia-smi"));
        assertEquals(new Result(77, "no NVIDIA GPU\n"), run(""));
    }

    private static void assertRow(Result result, String row) {
        assertTrue(result.out().lines().anyMatch(row::equals), row + "\n" + result.out());
    }

    /** @param lie digits that the stand-in for nvidia-smi appends to the memory of a process, which makes the value wrong */
    private Result run(String lie) throws IOException, InterruptedException {
        ProcessBuilder script = new ProcessBuilder(SCRIPT.toString()).redirectErrorStream(true);
        script.environment().put("PATH", directory + ":" + System.getenv("PATH"));
        script.environment().put("LIE", lie);
        script.environment().put("ALLOC", directory.resolve("alloc").toString());
        script.environment().put("JAVA_HOME", System.getProperty("java.home"));
        script.environment().put("PORT", Integer.toString(AgentProcess.freePort()));
        script.environment().put("AGENT_FLAGS", "--sample-interval=200ms --nvml.library=" + fake.library());
        script.environment().put("CALL_TIMES_FLAGS", fake.library() + " 3");
        Process process = script.start();
        String out = new String(process.getInputStream().readAllBytes());
        return new Result(process.waitFor(), out);
    }
}
