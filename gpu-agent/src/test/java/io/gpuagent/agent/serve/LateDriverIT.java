package io.gpuagent.agent.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.nvml.FakeNvml;
import io.gpuagent.testing.AgentProcess;
import io.gpuagent.testing.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent on a node whose driver is missing, appears later or is replaced. */
class LateDriverIT {

    private static final String NODE = "driver version=580.95.05\ndevice 0 uuid=GPU-0 mem_total=8G mem_other=1M\n";

    @TempDir
    Path directory;

    @Test
    void anAgentWithoutADriverStaysUpAndUsesADriverInstalledLater() throws Exception {
        FakeNvml fake = FakeNvml.build(FakeNvml.Variant.DRIVER_580, directory.resolve("source"))
                .play(NODE);
        Path library = directory.resolve("driver").resolve("libnvidia-ml.so.1");
        try (AgentProcess agent =
                AgentProcess.serve(Map.of(), "--backend=auto", "--nvml.library=" + library, "--docker.host=off")) {
            String page = agent.metrics(
                    Duration.ofSeconds(10),
                    "readiness",
                    text -> agent.get("/-/ready").statusCode() == 200);
            assertEquals(0.0, AgentProcess.value(page, "gpu_agent_up"));
            assertFalse(page.contains("gpu_up{"), page);
            assertTrue(agent.err().contains(library.toString()), agent.err());

            Files.createDirectories(library.getParent());
            Files.copy(directory.resolve("source/scenario"), library.resolveSibling("scenario"));
            Files.copy(fake.library(), library);
            page = agent.metrics(
                    Duration.ofSeconds(15),
                    "the driver is used",
                    text -> AgentProcess.value(text, "gpu_agent_up") == 1);
            page = agent.metrics(
                    Duration.ofSeconds(5), "GPU 0 answers", text -> AgentProcess.value(text, "gpu_up") == 1);
            assertEquals(8.0 * (1L << 30), AgentProcess.value(page, "gpu_memory_total_bytes"));
            assertEquals(
                    1,
                    agent.err()
                            .lines()
                            .filter(line -> line.contains("is not up"))
                            .count(),
                    "logged once: " + agent.err());
        }
    }

    @Test
    void aReplacedDriverEndsTheAgentWithStatus75() {
        FakeNvml fake = FakeNvml.build(FakeNvml.Variant.DRIVER_580, directory).play(NODE);
        try (AgentProcess agent = serve(fake)) {
            agent.metrics(Duration.ofSeconds(10), "GPU 0 answers", text -> AgentProcess.value(text, "gpu_up") == 1);
            fake.play("driver version=590.10 code=18\nfault * call=nvmlDeviceGetCount code=1\n");
            assertEquals(75, agent.awaitEnd(Duration.ofSeconds(20)));
            assertTrue(
                    agent.err()
                            .contains("exiting in order to be restarted: nvmlInit_v2 returned LIB_RM_VERSION_MISMATCH"),
                    agent.err());
        }
    }

    @Test
    void onDriverUpgradeStayKeepsTheAgentRunning() {
        FakeNvml fake = FakeNvml.build(FakeNvml.Variant.DRIVER_580, directory).play("driver code=18\n");
        try (AgentProcess agent = serve(fake, "--on-driver-upgrade=stay")) {
            Eventually.pause(Duration.ofSeconds(3));
            assertTrue(agent.alive());
            assertEquals(0.0, AgentProcess.value(agent.metrics(), "gpu_agent_up"));
        }
    }

    private static AgentProcess serve(FakeNvml fake, String... more) {
        String[] flags = new String[2 + more.length];
        flags[0] = "--nvml.library=" + fake.library();
        flags[1] = "--docker.host=off";
        System.arraycopy(more, 0, flags, 2, more.length);
        return AgentProcess.serve(Map.of(), flags);
    }
}
