package io.gpuagent.agent.cli;

import static io.gpuagent.agent.cli.InvocationTest.invoke;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An error in a command line, a variable or a file is reported in one line that names it. */
class RefusalTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            quoteCharacter = '"',
            value = {
                "--zzz=1 \"unknown option: '--zzz=1'\"",
                "--web.listen-adress=:1 \"unknown option: '--web.listen-adress=:1'; did you mean --web.listen-address?\"",
                "stray \"unmatched argument at index 0: 'stray'\"",
                "--config \"missing required parameter for option '--config' (FILE)\"",
                "--backend=fake \"--backend: 'fake' is not one of auto, nvml, simulated\"",
                "--backend= \"--backend: '' is not one of auto, nvml, simulated\"",
                "--web.listen-address=9900 \"--web.listen-address: '9900' is not an address such as :9900, 127.0.0.1:9900 or [::1]:9900\"",
                "--web.listen-address=:65536 \"--web.listen-address: ':65536' has a port over 65535\"",
                "--web.telemetry-path=metrics \"--web.telemetry-path: 'metrics' is not a path such as /metrics\"",
                "--web.telemetry-path=/page/page.js \"--web.telemetry-path: '/page/page.js' is reserved for other pages\"",
                "--web.telemetry-path=/-/ready \"--web.telemetry-path: '/-/ready' is reserved for other pages\"",
                "--scenario=x \"--scenario: 'x' requires --backend=simulated\"",
                "--sample-interval=50ms \"--sample-interval: '50ms' is not between 100ms and 24h\"",
                "--sample-interval=2d \"--sample-interval: '2d' is not a duration such as 500ms, 1s or 2m\"",
                "--nvml.deadline=25h \"--nvml.deadline: '25h' is not between 100ms and 24h\"",
                "--path.procfs= \"--path.procfs: '' is not a path\"",
                "--collect.processes=yes \"--collect.processes: 'yes' is not one of true, false\"",
            })
    void aWrongFlagIsRefusedByName(String argument, String line) {
        assertEquals(new Invocation.RejectUsage("gpu-agent: " + line), invoke(argument));
    }

    @Test
    void aFlagOfAnotherCommandIsUnknown() {
        assertEquals("gpu-agent: unknown option: '--processes'", refusal(Map.of(), "--processes"));
        assertEquals("gpu-agent: unknown option: '--node-name=x'", refusal(Map.of(), "ps", "--node-name=x"));
    }

    @Test
    void aFileOfArgumentsIsNotRead() throws IOException {
        String file = "@" + file("--node-name=x");
        assertEquals("gpu-agent: unmatched argument at index 0: '" + file + "'", refusal(Map.of(), file));
    }

    @Test
    void watchingRequiresTheTableFormat() {
        assertEquals(
                "gpu-agent: --watch: '2s' requires --format=table",
                refusal(Map.of(), "ps", "--watch", "--format=json"));
    }

    @Test
    void theDoctorDoesNotWriteCsv() {
        assertEquals(
                "gpu-agent: --format: 'csv' is not one of table, json", refusal(Map.of(), "doctor", "--format=csv"));
    }

    @Test
    void aWrongVariableIsRefusedByName() {
        assertEquals(
                "gpu-agent: GPU_AGENT_LOG_LEVEL: 'loud' is not one of error, warn, info, debug",
                refusal(Map.of("GPU_AGENT_LOG_LEVEL", "loud")));
    }

    @Test
    void aWrongLineOfTheFileIsRefusedByLineNumber() throws IOException {
        assertFileRefused(":3: unknown key 'log.levle'", "# x", "", "log.levle=info");
        assertFileRefused(":1: 'log.level' is not of the form name=value, such as log.level=debug", "log.level");
        assertFileRefused(":2: log.level is set twice", "log.level=info", "log.level=info");
        assertFileRefused(":1: log.level: 'loud' is not one of error, warn, info, debug", "log.level=loud");
        assertFileRefused(":1: unknown key 'config'", "config=other");
        assertFileRefused(":1: unknown key 'format'", "format=csv");
    }

    @Test
    void aMissingOrBinaryFileIsRefused() throws IOException {
        assertEquals("gpu-agent: --config: '/no/such' does not exist", refusal(Map.of(), "--config=/no/such"));
        Path binary = Files.write(directory.resolve("binary"), new byte[] {(byte) 0xff, 0});
        assertEquals(
                "gpu-agent: --config: '" + binary + "' is not valid UTF-8", refusal(Map.of(), "--config=" + binary));
    }

    @Test
    void aRefusalIsOneHarmlessLine() {
        String line = refusal(Map.of("GPU_AGENT_LOG_LEVEL", "\u001b[2J\nx"));
        assertEquals("gpu-agent: GPU_AGENT_LOG_LEVEL: '\\x1b[2J\\nx' is not one of error, warn, info, debug", line);
    }

    private void assertFileRefused(String error, String... lines) throws IOException {
        String file = file(lines);
        assertEquals("gpu-agent: " + file + error, refusal(Map.of(), "--config=" + file));
    }

    private String file(String... lines) throws IOException {
        return Files.write(directory.resolve("gpu-agent.conf"), List.of(lines)).toString();
    }

    private static String refusal(Map<String, String> environment, String... arguments) {
        return assertInstanceOf(Invocation.RejectUsage.class, invoke(environment, arguments))
                .line();
    }
}
