package io.gpuagent.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.AgentProcess;
import io.gpuagent.testing.AgentProcess.Result;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line of the packaged agent. */
class CommandLineIT {

    @TempDir
    Path directory;

    @Test
    void aBrokenScenarioIsRefusedWithItsLineAndReason() throws Exception {
        Path scenario =
                Files.writeString(directory.resolve("node.scenario"), "device 0 uuid=GPU-0\nproc 0 pid=7 mem=12Q\n");
        for (String command : new String[] {"serve", "ps"}) {
            Result result = AgentProcess.run(Map.of(), command, "--backend=simulated", "--scenario=" + scenario);
            assertEquals(
                    "gpu-agent: " + scenario + ": line 2: 12Q is not a size, such as 46137344, 44M or 1.5G",
                    lastLine(result.err()));
            assertEquals(2, result.status());
            assertEquals("", result.out());
        }
    }

    @Test
    void aBrokenConfigurationFileIsRefusedWithItsLine() throws Exception {
        Path config = Files.writeString(directory.resolve("agent.conf"), "# ours\nbackend=simulated\nbakcend=nvml\n");
        Result result = AgentProcess.run(Map.of(), "--config=" + config);
        assertEquals(2, result.status());
        assertTrue(lastLine(result.err()).contains(config + ":3"), result.err());
        assertTrue(lastLine(result.err()).contains("bakcend"), result.err());
    }

    @Test
    void aFlagOverridesAVariableWhichOverridesTheFile() throws Exception {
        Path config = Files.writeString(directory.resolve("agent.conf"), "backend=simulated\nnode-name=file\n");
        assertEquals("file", node(Map.of(), config));
        assertEquals("environment", node(Map.of("GPU_AGENT_NODE_NAME", "environment"), config));
        assertEquals("flag", node(Map.of("GPU_AGENT_NODE_NAME", "environment"), config, "--node-name=flag"));
    }

    private static String node(Map<String, String> environment, Path config, String... more) {
        String[] flags = new String[more.length + 1];
        flags[0] = "--config=" + config;
        System.arraycopy(more, 0, flags, 1, more.length);
        try (AgentProcess agent = AgentProcess.serve(environment, flags)) {
            return agent.metrics(Duration.ofSeconds(10), "a sample", page -> page.contains("gpu_node_info{"))
                    .lines()
                    .filter(line -> line.startsWith("gpu_node_info{"))
                    .findFirst()
                    .orElse("none")
                    .replaceAll(".*node=\"([^\"]*)\".*", "$1");
        }
    }

    @Test
    void anInvalidDockerAddressIsRefused() {
        Result result = AgentProcess.run(Map.of(), "ps", "--docker.host=carrier-pigeon");
        assertEquals(2, result.status());
        assertTrue(result.err().contains("--docker.host=carrier-pigeon"), result.err());
    }

    @Test
    void aPortInUseIsReportedAndEndsTheAgent() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            Result result = AgentProcess.run(Map.of(), "--backend=simulated", "--web.listen-address=" + address);
            assertEquals(1, result.status());
            assertTrue(result.err().contains(address), result.err());
        }
    }

    @Test
    void theTableShowsEveryWorkloadOfTheNode() {
        Result result = AgentProcess.run(Map.of(), "ps", "--backend=simulated", "--processes");
        assertEquals(0, result.status(), result.err());
        for (String name :
                new String[] {"notebook", "speech/asr-train-0/trainer", "ollama.service", "user-1002/session"}) {
            assertTrue(result.out().contains(name), result.out());
        }
        assertTrue(result.out().contains("SIMULATED"), result.out());
    }

    @Test
    void anUnknownVariableCausesAWarningOnly() {
        Result result = AgentProcess.run(Map.of("GPU_AGENT_BACKND", "nvml"), "ps", "--backend=simulated");
        assertEquals(0, result.status(), result.err());
        assertTrue(result.err().contains("match no flag: GPU_AGENT_BACKND"), result.err());
    }

    @Test
    void withoutADriverPsReportsTheReasonAndExitsWithStatusOne() {
        Path library = directory.resolve("libnvidia-ml.so.1");
        Result result = AgentProcess.run(Map.of(), "ps", "--nvml.library=" + library, "--docker.host=off");
        assertEquals(1, result.status());
        assertEquals("", result.out());
        assertTrue(result.err().contains(library.toString()), result.err());
    }

    private static String lastLine(String text) {
        return text.lines().reduce("", (one, other) -> other);
    }
}
